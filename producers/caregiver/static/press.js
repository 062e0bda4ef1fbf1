/* A button: stored with its time and its id first; place and upload follow. */
import { cityMs } from "./clock.js";
import { newId } from "./ids.js";
import { whereAmI } from "./place.js";

export const UNDO_MS = 4000;
const WITH_PLACE = new Set(["CaregiverCheckedIn", "CaregiverCheckedOut"]);
const AT_ONCE = new Set(["AssignmentAccepted", "AssignmentDeclined", "OfferDelivered"]);

/* Keeps the press and returns it. `body` holds what the door asks beside id and time (visit_id, reason …). */
export async function press(store, word, body, { factId = null, offer = null } = {}) {
  const pressedMs = Date.now();
  const entry = {
    fact_id: factId ?? newId(pressedMs),
    word,
    ...body,
    said_at: new Date(pressedMs).toISOString(),
    pressed_ms: pressedMs,
    city_ms: cityMs(pressedMs),
    hold_until_ms: AT_ONCE.has(word) ? 0 : pressedMs + UNDO_MS,
    clock_offset_ms: null,
    state: "KEPT",
    code: null,
    offer,
  };
  await store.press(entry);
  if (WITH_PLACE.has(word)) addPlace(store, entry);
  return entry;
}

async function addPlace(store, entry) {
  await store.amend(entry.fact_id, { locating: true, hold_until_ms: entry.pressed_ms + 9000 });
  const position = await whereAmI();
  await store.amend(entry.fact_id, {
    locating: false, position, method: position ? "POSITION" : "NONE", hold_until_ms: entry.pressed_ms + UNDO_MS,
  });
  dispatchEvent(new Event("pressed"));
}

const SENT_FIELDS = ["word", "fact_id", "said_at", "clock_offset_ms", "visit_id", "role", "offer_id", "reason", "position", "method"];

/* The press as the door reads it. */
export function asSent(entry) {
  return Object.fromEntries(SENT_FIELDS.filter((name) => entry[name] !== undefined && entry[name] !== null).map((name) => [name, entry[name]]));
}
