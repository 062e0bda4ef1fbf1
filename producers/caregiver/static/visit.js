/* One visit: the four steps, who and where, what to mind, and what stands on the phone. */
import { cityMs, local } from "./clock.js";
import { isOf, keyOf, nextOf, OVER, stepOf } from "./day.js";
import { button, el, sign, tile } from "./dom.js";
import { lasting, minutes, time, yuan } from "./shown.js";
import { fetchLine, personLine, row, STEP_WORDS, tripLine, verdict, when, crew } from "./today.js";
import { helpName, itemName, language, t } from "./words.js";

const STEP_SIGNS = { CaregiverCheckedIn: "pin", CaregiverCheckedOut: "check" };
const PRESS_WORDS = { CaregiverDeparted: "p_departed", CaregiverCheckedIn: "p_in", CaregiverCheckedOut: "p_out", VisitObstructed: "p_obstructed" };

export function visitScreen(state, act, key) {
  const visit = state.view.visits.find((each) => keyOf(each) === key);
  if (!visit) return goneScreen(act);
  const mine = state.presses.filter((press) => isOf(press, visit) && PRESS_WORDS[press.word]);
  const step = stepOf(visit, local(cityMs()).on);
  const serving = visit.status === "STARTED";
  return [
    state.sync.offline ? act.syncLine() : null,
    head(visit, state, act),
    el("main", { class: step ? "with-bar" : "" },
      act.notices(),
      serving ? duration(visit) : personCard(visit),
      serving ? null : careCard(visit),
      mine.length ? el("div", { class: "card rows presses" }, mine.map(pressRow)) : null,
      state.sync.offline ? el("p", { class: "aside" }, t("offlineNote")) : null,
      facts(visit),
      serving ? careCard(visit) : null,
      OVER.has(visit.status) ? null : el("div", { class: "pair" },
        button(t("cannot"), "second", () => act.askCannot(visit)),
        button(t("help"), "second", () => act.showHelp(), "hand")),
      serving ? following(state, visit) : null,
    ),
    step ? el("footer", { class: "bar" },
      visit.status === "BOUND" ? button(t("straight"), "second narrow", () => act.step(visit, "CaregiverCheckedIn"), null, { "data-press": "straight" }) : null,
      button(t(STEP_WORDS[step]), "big", () => act.step(visit, step), STEP_SIGNS[step] ?? null, { "data-press": step })) : null,
  ];
}

function goneScreen(act) {
  return [
    el("header", { class: "visit-head" }, el("a", { class: "back", href: "#today", "aria-label": t("back") }, sign("back"))),
    act.syncLine(),
    el("main", {}, el("div", { class: "card empty" }, el("b", {}, t("gone")), el("p", {}, t("goneLine")))),
    act.tabs("today"),
  ];
}

function head(visit, state, act) {
  const over = state.sync.offline ? el("b", { class: "head-right" }, visit.recipient.name) : act.syncMark();
  return el("header", { class: "visit-head" },
    el("div", { class: "visit-title" },
      el("a", { class: "back", href: "#today", "aria-label": t("back") }, sign("back")),
      tile(visit.help), el("h1", { class: visit.case_id ? "red" : null }, helpName(visit.help)), crew(visit), over),
    steps(visit));
}

function steps(visit) {
  const rank = { BOUND: 1, DEPARTED: 2, STARTED: 3 }[visit.status] ?? 4;
  const marks = [
    ["stepTaken", null],
    ["stepWent", visit.departed_at && t("stepWentAt", { t: time(visit.departed_at) })],
    ["stepThere", visit.checked_in_at && t("stepThereAt", { t: time(visit.checked_in_at) })],
    ["stepDone", visit.checked_out_at && t("stepDoneAt", { t: time(visit.checked_out_at) })],
  ];
  return el("ol", { class: "steps" }, marks.map(([word, told], index) =>
    el("li", { "data-state": index < rank ? "past" : index === rank ? "now" : "later", "aria-current": index === rank ? "step" : null }, told || t(word))));
}

function personCard(visit) {
  const { recipient } = visit;
  const call = recipient.gender === "MALE" ? "callHim" : "callHer";
  return el("section", { class: "card" },
    visit.status === "STARTED" || OVER.has(visit.status) ? null : el("p", { class: "soft" }, when(visit)),
    el("p", { class: "person strong" }, personLine(recipient)),
    visit.trip ? el("p", { class: "strong" }, tripLine(visit)) : null,
    el("p", {}, recipient.address),
    recipient.door ? el("p", { class: "door" }, recipient.door) : null,
    kitchen(visit),
    OVER.has(visit.status) ? null : el("div", { class: "pair" },
      recipient.lat && !(visit.trip?.leg === "BACK" && visit.status !== "STARTED") ? el("a", { class: "second", href: `geo:${recipient.lat},${recipient.lon}?q=${recipient.lat},${recipient.lon}` }, sign("go"), el("span", {}, t("navigate"))) : null,
      recipient.telephone ? el("a", { class: "second", href: `tel:${recipient.telephone}` }, sign("phone"), el("span", {}, t(call))) : null));
}

/* Before a round's first door: the kitchen, with the way to it and its telephone. */
function kitchen(visit) {
  const line = fetchLine(visit);
  if (!line) return null;
  const { lat, lon, telephone } = visit.fetch;
  return [line, el("div", { class: "pair" },
    lat ? el("a", { class: "second", href: `geo:${lat},${lon}?q=${lat},${lon}` }, sign("go"), el("span", {}, t("toKitchen"))) : null,
    telephone ? el("a", { class: "second", href: `tel:${telephone}` }, sign("phone"), el("span", {}, t("callKitchen"))) : null)];
}

function careCard(visit) {
  const lines = visit.recipient.care ?? [];
  return lines.length ? el("section", { class: "card care" }, lines.map((line) => el("p", {}, line))) : null;
}

function facts(visit) {
  const { recipient } = visit;
  const pay = yuan(visit.paid_fen ?? visit.pay_fen ?? 0);
  const rows = [
    ...visit.partners.map((other) => [t(visit.trip ? (visit.trip.leg === "BACK" ? "wentThere" : "comesBack") : "together"), `${other.name}${language === "zh" ? "，" : ", "}${t("partnerOn")[other.status] ?? ""}`]),
    ...(recipient.notes ?? []).map((note) => [t("note"), note]),
    recipient.key ? [t("key"), recipient.key] : null,
    (recipient[`tags_${language}`] ?? []).length ? [t("tags"), recipient[`tags_${language}`].join(language === "zh" ? "、" : ", ")] : null,
    [itemName(visit), visit.duration_s ? t("minutes", { m: minutes(visit.duration_s) }) : ""],
    [t("income1"), visit.status === "FINISHED" ? `${t("pay", { yuan: pay })} ${verdict(visit)}`
      : visit.minimum_s ? t("incomeFull", { yuan: pay, n: minutes(visit.minimum_s) }) : t("incomeLine", { yuan: pay })],
  ].filter(Boolean);
  return el("dl", { class: "card facts" }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function duration(visit) {
  const since = Date.parse(visit.checked_in_at ?? visit.start_at);
  const need = minutes(visit.minimum_s ?? visit.duration_s ?? 0);
  const gone = Math.floor((cityMs() - since) / 60000);
  const told = { t: time(since), n: need, d: need - gone };
  const line = !need ? "since" : gone >= need ? "sinceFull" : "sinceShort";
  return el("section", { class: "card" },
    el("p", { class: "soft" }, `${t("already")} ${personLine(visit.recipient)}`),
    el("p", { class: "figure", "data-since": since }, lasting(cityMs() - since)),
    el("p", { class: "soft" }, t(line, told)));
}

function pressRow(press) {
  const at = time(press.city_ms);
  const where = press.locating ? t("locating") : press.position ? t("position", { n: press.position.accuracy_m })
    : press.method ? t("noPosition") : press.reason ? t(press.reason) : "";
  const state = press.state === "KEPT" ? ["wait", "onPhone"] : press.state === "TAKEN" && !press.code ? ["got", "received"] : ["look", "refusedOne"];
  return el("div", { class: "row press", "data-fact": press.fact_id, "data-state": press.state },
    sign({ CaregiverCheckedIn: "pin", CaregiverCheckedOut: "check", CaregiverDeparted: "go" }[press.word] ?? "warn"),
    el("span", { class: "who" }, el("b", {}, t(PRESS_WORDS[press.word])), el("small", {}, [at, where].filter(Boolean).join(language === "zh" ? "，" : ", "))),
    el("span", { class: "state", "data-state": state[0] }, el("i", {}), t(state[1])));
}

function following(state, visit) {
  const next = nextOf(state.view.visits.filter((each) => each !== visit && each.status === "BOUND"));
  return next ? [el("h2", {}, t("next", { name: next.recipient.name })), el("div", { class: "card rows" }, row(next))] : null;
}
