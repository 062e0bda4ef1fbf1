/* The day as the caregiver sees it: what was told last, with what was pressed since laid over it. Pure. */
import { local } from "./clock.js";

const RANK = { BOUND: 1, DEPARTED: 2, STARTED: 3, OBSTRUCTED: 4, FINISHED: 5, CANCELLED: 6, MISSED: 6 };
const TO = {
  CaregiverDeparted: ["DEPARTED", "departed_at"],
  CaregiverCheckedIn: ["STARTED", "checked_in_at"],
  CaregiverCheckedOut: ["FINISHED", "checked_out_at"],
  VisitObstructed: ["OBSTRUCTED", null],
};
export const OVER = new Set(["FINISHED", "OBSTRUCTED", "CANCELLED", "MISSED"]);

/* The name of a visit on the phone: of an escort, each leg has its own. */
export const keyOf = (visit) => (visit.trip ? `${visit.visit_id}.${visit.role}` : visit.visit_id);

/* What a button of a visit says it is about. */
export const about = (visit) => (visit.trip ? { visit_id: visit.visit_id, role: visit.role } : { visit_id: visit.visit_id });

/* Whether a press was of this visit; what names no leg is of both. */
export const isOf = (press, visit) => press.visit_id === visit.visit_id && (!visit.trip || (press.role ?? visit.role) === visit.role);

/* A press that the desk set aside changes nothing; one still on its way counts as pressed. */
const counts = (press) => press.state !== "REFUSED" && !press.code;

export function merged(day, presses) {
  const live = presses.filter(counts);
  const visits = [...day.visits, ...acceptedSince(day, live)].map((visit) => overlaid(visit, live));
  const answered = new Set(live.filter((press) => press.offer_id && press.word !== "OfferDelivered").map((press) => press.offer_id));
  const offers = day.offers.filter((offer) => !answered.has(offer.offer_id));
  visits.sort((a, b) => Date.parse(a.start_at) - Date.parse(b.start_at));
  return { ...day, visits, offers };
}

/* An accepted offer is a visit at once, also with no network; its door and telephone come with the next day told.
   Once a later day was told, that day is right: the visit may have gone to somebody else meanwhile. */
const REMEMBERED_MS = 15_000;
const isTold = (day, press) => press.decided && day.heard_ms > press.taken_ms + REMEMBERED_MS;

function acceptedSince(day, presses) {
  const known = new Set(day.visits.map(keyOf));
  return presses
    .filter((press) => press.word === "AssignmentAccepted" && press.offer && !known.has(keyOf(press.offer.visit)))
    .filter((press) => !isTold(day, press))
    .map((press) => ({
      ...press.offer.visit, case_id: press.offer.case_id, status: "BOUND", departed_at: null,
      checked_in_at: null, checked_out_at: null, paid_fen: null, grade: null, held: null,
    }));
}

function overlaid(visit, presses) {
  const seen = { ...visit };
  for (const press of presses) {
    if (!isOf(press, visit) || !TO[press.word]) continue;
    const [status, at] = TO[press.word];
    if ((RANK[status] ?? 0) > (RANK[seen.status] ?? 0)) seen.status = status;
    if (at && !seen[at]) seen[at] = new Date(press.city_ms).toISOString();
  }
  return seen;
}

/* Where the caregiver is now: what is being served, else on the way to, else the earliest still to do. */
export function nextOf(visits) {
  const open = visits.filter((visit) => !OVER.has(visit.status));
  return open.find((visit) => visit.status === "STARTED") ?? open.find((visit) => visit.status === "DEPARTED")
    ?? open.find((visit) => visit.case_id) ?? open[0] ?? null;
}

/* The next button of a visit; none before its day. `today` and the day of the visit are those of the city. */
export function stepOf(visit, today) {
  if (local(Date.parse(visit.start_at)).on > today) return null;
  return { BOUND: "CaregiverDeparted", DEPARTED: "CaregiverCheckedIn", STARTED: "CaregiverCheckedOut" }[visit.status] ?? null;
}

export function pending(presses) {
  return presses.filter((press) => press.state === "KEPT" && press.word !== "OfferDelivered");
}

export function refusedOf(presses) {
  return presses.filter((press) => press.word !== "OfferDelivered" && !press.read
    && (press.state === "REFUSED" || (press.state === "TAKEN" && press.code)));
}
