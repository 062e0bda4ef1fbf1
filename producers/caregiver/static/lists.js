/* The three other pages: tomorrow, shifts, income. */
import { cityMs, local } from "./clock.js";
import { keyOf } from "./day.js";
import { el, tile } from "./dom.js";
import { minutes, span, time, yuan } from "./shown.js";
import { row } from "./today.js";
import { dateLine, helpName, language, t } from "./words.js";

const DAY_MS = 86_400_000;

const screen = (title, line, act, tab, ...parts) => [
  el("header", { class: "page-head" }, el("h1", {}, title), line ? el("p", {}, line) : null),
  act.syncLine(),
  el("main", {}, parts),
  act.tabs(tab),
];

const empty = (head, line) => el("div", { class: "card empty" }, el("b", {}, t(head)), el("p", {}, t(line)));

export function tomorrowScreen(state, act) {
  const there = local(cityMs() + DAY_MS);
  const visits = state.view.visits.filter((visit) => local(Date.parse(visit.start_at)).on === there.on && visit.status !== "CANCELLED");
  const sum = visits.reduce((total, visit) => total + (visit.pay_fen ?? 0), 0);
  const line = visits.length ? t("pay", { yuan: yuan(sum) }) : null;
  return screen(dateLine(there), line, act, "tomorrow",
    visits.length ? el("div", { class: "card rows" }, visits.map((visit) => row(visit))) : empty("noTomorrow", "noTomorrowLine"));
}

export function shiftsScreen(state, act) {
  const from = local(cityMs()).on;
  const shifts = state.view.shifts.filter((shift) => local(Date.parse(shift.ends_at)).on >= from);
  return screen(t("shifts"), state.view.caregiver[language === "zh" ? "provider" : "provider_en"], act, "shifts",
    shifts.length ? el("div", { class: "card rows" }, shifts.map(shiftRow)) : empty("noShifts", "noShiftsLine"));
}

function shiftRow(shift) {
  const starts = local(Date.parse(shift.starts_at));
  return el("div", { class: "row shift" },
    el("span", { class: "who" }, el("b", {}, dateLine(starts)), shift.breaks.map((rest) =>
      el("small", {}, t("breakLine", { n: minutes(rest.duration_s), span: span(rest.earliest_at, latestEnd(rest)) })))),
    el("span", { class: "at" }, `${time(shift.starts_at)}–${time(shift.ends_at)}`));
}

function latestEnd(rest) {
  return Date.parse(rest.latest_at) + rest.duration_s * 1000;
}

export function incomeScreen(state, act) {
  const months = new Map();
  for (const line of state.view.income) {
    const month = line.on.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), line]);
  }
  const parts = [...months].map(([month, lines]) => monthPart(month, lines));
  return screen(t("income"), state.view.caregiver.name, act, "income", parts.length ? parts : empty("noIncome", "noIncomeLine"));
}

function monthPart(month, lines) {
  const sum = (wanted) => lines.filter((line) => wanted(line.state)).reduce((total, line) => total + (line.amount_fen ?? 0), 0);
  const paid = sum((state) => state === "PAID");
  const wait = sum((state) => state !== "PAID");
  return [
    el("section", { class: "card" },
      el("p", { class: "soft" }, t("monthSum", { m: Number(month.slice(5)) })),
      el("p", { class: "figure" }, yuan(paid + wait)),
      el("p", { class: "soft" }, t("monthLine", { n: lines.length, paid: yuan(paid), wait: yuan(wait) }))),
    el("div", { class: "card rows" }, lines.map(incomeRow)),
  ];
}

function incomeRow(line) {
  const [, month, day] = line.on.split("-").map(Number);
  return el("a", { class: "row", href: `#visit/${keyOf(line)}` },
    el("span", { class: "at" }, `${month}-${day}`),
    tile(line.help, helpName(line.help)),
    el("span", { class: "who" }, el("b", {}, line.name ?? "—"), el("small", {}, line[`item_${language}`])),
    el("span", { class: "pay" }, t("pay", { yuan: yuan(line.amount_fen ?? 0) }), el("small", {}, t({ PAID: "paid", HELD: "held", WAITING: "waiting" }[line.state]))));
}
