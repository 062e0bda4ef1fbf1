/* Today: what waits for an answer, where to go next, what follows, what is done. */
import { cityMs, local } from "./clock.js";
import { keyOf, nextOf, OVER, stepOf } from "./day.js";
import { button, el, sign, tile } from "./dom.js";
import { minutes, span, time, yuan } from "./shown.js";
import { dateLine, helpName, itemName, language, t } from "./words.js";

export const STEP_WORDS = { CaregiverDeparted: "depart", CaregiverCheckedIn: "arrive", CaregiverCheckedOut: "finish" };
const STEP_SIGNS = { CaregiverCheckedIn: "pin", CaregiverCheckedOut: "check" };

const dayOf = (visit) => local(Date.parse(visit.start_at)).on;

export function todayScreen(state, act) {
  const there = local(cityMs());
  const today = state.view.visits.filter((visit) => dayOf(visit) === there.on || (!OVER.has(visit.status) && dayOf(visit) < there.on));
  const next = nextOf(today);
  const rest = today.filter((visit) => visit !== next && !OVER.has(visit.status));
  const over = today.filter((visit) => OVER.has(visit.status));
  const counted = today.filter((visit) => visit.status !== "CANCELLED");
  const done = counted.filter((visit) => visit.status === "FINISHED").length;
  const name = state.view.caregiver.name;
  const line = counted.length ? t("head", { name, all: counted.length, done }) : t("headNone", { name });
  return [
    el("header", { class: "page-head" }, el("h1", {}, dateLine(there)), el("p", {}, line)),
    act.syncLine(),
    el("main", {},
      act.notices(),
      offersPart(state.view.offers, act),
      next ? nextCard(next, act, state.view.offers.length > 0) : nothing(today.length),
      rest.length ? [el("h2", {}, t("rest", { n: rest.length })), el("div", { class: "card rows" }, rest.map((visit) => row(visit)))] : null,
      over.length ? [rest.length ? null : el("h2", {}, t("earlier")), el("div", { class: "card rows" }, over.map((visit) => row(visit)))] : null,
    ),
    act.tabs("today"),
  ];
}

function nothing(hadSome) {
  return el("div", { class: "card empty" }, el("b", {}, t(hadSome ? "allDone" : "none")), el("p", {}, t("noneLine")));
}

/* --- offers */

function offersPart(offers, act) {
  if (!offers.length) return null;
  return [
    el("h2", { class: "look" }, el("mark", {}, t("offers", { n: offers.length }))),
    offers.map((offer) => offerCard(offer, act)),
  ];
}

function offerCard(offer, act) {
  const { visit } = offer;
  const urgent = Boolean(offer.case_id);
  const left = offer.lapses_at
    ? el("span", { class: "left", "data-until": Date.parse(offer.lapses_at) })
    : el("span", { class: "left" }, t("undelivered"));
  return el("section", { class: `card offer${urgent ? " urgent" : ""}`, "data-offer": offer.offer_id },
    el("div", { class: "card-head" }, tile(visit.help), el("b", { class: urgent ? "red" : null }, helpName(visit.help)), crew(visit), left),
    el("p", { class: "big-time" }, when(visit), el("small", {}, ` ${otherDay(visit)}`)),
    el("p", { class: "person" }, personLine(visit.recipient)),
    visit.trip ? el("p", {}, tripLine(visit)) : null,
    el("p", { class: "soft" }, placeLine(visit)),
    el("p", { class: "soft" }, [itemName(visit), t("pay", { yuan: yuan(offer.pay_fen) })].join(language === "zh" ? "，" : ", ")),
    button(t(urgent ? "acceptCase" : "accept"), "big", () => act.accept(offer), null, { "data-press": "AssignmentAccepted" }),
    button(t("decline"), "second", () => act.askDecline(offer), null, { "data-press": "AssignmentDeclined" }),
  );
}

function otherDay(visit) {
  const there = local(Date.parse(visit.start_at));
  return there.on === local(cityMs()).on ? "" : dateLine(there);
}

/* --- the next visit */

/* One solid button on a screen: while an offer waits, that is the offer's. */
function nextCard(visit, act, isSecond) {
  const step = stepOf(visit, local(cityMs()).on);
  return el("section", { class: `card next${visit.case_id ? " urgent" : ""}`, "data-visit": keyOf(visit) },
    el("a", { class: "plain", href: `#visit/${keyOf(visit)}` },
      el("div", { class: "card-head" }, tile(visit.help), el("b", { class: visit.case_id ? "red" : null }, helpName(visit.help)), crew(visit), el("span", { class: "pay" }, t("pay", { yuan: yuan(visit.pay_fen ?? 0) }))),
      el("p", { class: "big-time" }, headline(visit)),
      el("p", { class: "person" }, personLine(visit.recipient)),
      visit.trip ? el("p", {}, tripLine(visit)) : null,
      el("p", { class: "soft" }, placeLine(visit)),
      fetchLine(visit),
      visit.status === "STARTED" ? null : meeting(visit),
    ),
    step ? button(t(STEP_WORDS[step]), isSecond ? "big outline" : "big", () => act.step(visit, step), STEP_SIGNS[step] ?? null, { "data-press": step }) : null,
  );
}

function headline(visit) {
  if (visit.status === "STARTED") return el("span", { "data-since": Date.parse(visit.checked_in_at ?? visit.start_at) });
  return when(visit);
}

export function when(visit) {
  if (visit.told_from && visit.told_until) return t("arriveAt", { span: span(visit.told_from, visit.told_until) });
  return t("startAt", { time: time(visit.start_at) });
}

export function crew(visit) {
  return visit.crew > 1 ? el("span", { class: "soft" }, t(`crew${Math.min(visit.crew, 3)}`)) : null;
}

export function personLine(recipient) {
  const age = recipient.age === null || recipient.age === undefined ? "" : t("age", { n: recipient.age });
  const comma = language === "zh" ? "，" : ", ";
  return [recipient.name, age].filter(Boolean).join(comma);
}

function placeLine(visit) {
  const comma = language === "zh" ? "，" : ", ";
  const way = visit.travel_s ? t("travel", { n: minutes(visit.travel_s) }) : "";
  const from = visit.trip?.leg === "BACK" ? goalOf(visit.trip) : visit.recipient.address;
  return [from, way].filter(Boolean).join(comma);
}

/* Where an escort leads: to the goal, or from there back home. */
export function tripLine({ trip, recipient }) {
  return t(trip.leg === "BACK" ? "tripBack" : "tripThere", { goal: goalOf(trip) ?? t("goalGone"), home: recipient.address });
}

const goalOf = (trip) => (language === "zh" ? trip.goal : trip.goal_en ?? trip.goal);

/* By which kitchen the way to a round's first door leads, while it has not been reached. */
export function fetchLine(visit) {
  if (!visit.fetch || !["BOUND", "DEPARTED"].includes(visit.status)) return null;
  return el("p", {}, el("mark", { "data-fetch": "" }, t("fetch", { kitchen: kitchenOf(visit), n: visit.fetch.portions, t: time(visit.fetch.leave_at) })));
}

const kitchenOf = ({ fetch }) => fetch[`kitchen_${language}`] || t("aKitchen");

function meeting(visit) {
  if (visit.trip) return null;
  const partner = visit.partners.find((other) => other.name);
  return partner ? el("p", {}, el("mark", {}, t("meet", { time: time(visit.start_at), name: partner.name }))) : null;
}

/* --- rows below */

export function row(visit) {
  const over = OVER.has(visit.status);
  return el("a", { class: `row${over ? " over" : ""}`, href: `#visit/${keyOf(visit)}`, "data-visit": keyOf(visit) },
    el("span", { class: "at" }, time(visit.checked_in_at ?? visit.start_at)),
    tile(visit.help, helpName(visit.help)),
    el("span", { class: "who" }, el("b", {}, visit.recipient.name || "—"), over ? ending(visit) : el("small", {}, rowLine(visit)),
      !over && visit.fetch ? el("small", {}, el("mark", {}, t("fetchShort", { kitchen: kitchenOf(visit), n: visit.fetch.portions }))) : null),
    el("span", { class: "pay" }, t("pay", { yuan: yuan(visit.paid_fen ?? visit.pay_fen ?? 0) }), visit.status === "FINISHED" ? el("small", {}, verdict(visit)) : null),
  );
}

function rowLine(visit) {
  if (visit.trip) return tripLine(visit);
  return [itemName(visit), visit.recipient.address].filter(Boolean).join(language === "zh" ? "，" : ", ");
}

export function ending(visit) {
  if (visit.status === "FINISHED") {
    return el("small", { class: "ok" }, sign("check"), visit.checked_out_at ? t("doneAt", { t: time(visit.checked_out_at) }) : t("stepDone"));
  }
  return el("small", {}, t({ OBSTRUCTED: "obstructed", CANCELLED: "cancelled", MISSED: "missed" }[visit.status]));
}

export function verdict(visit) {
  if (visit.held) return t("held");
  return t(visit.paid_fen === null || visit.paid_fen === undefined ? "waiting" : "paid");
}
