/* Figures as they are shown: city time, whole fen as yuan, lengths of time. */
import { local } from "./clock.js";
import { t } from "./words.js";

export function time(moment) {
  const there = local(typeof moment === "string" ? Date.parse(moment) : moment);
  return `${there.hour}:${there.minute}`;
}

export function span(from, until) {
  return time(from) === time(until) ? time(from) : `${time(from)}–${time(until)}`;
}

export function yuan(fen) {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
}

export function minutes(seconds) {
  return Math.ceil(seconds / 60);
}

export function lasting(ms) {
  const all = Math.max(0, Math.floor(ms / 60000));
  const [h, m] = [Math.floor(all / 60), all % 60];
  return h ? t("hours", { h, m: String(m).padStart(2, "0") }) : t("minutes", { m });
}

export function countdown(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(all / 3600);
  const m = Math.floor(all / 60) % 60;
  const s = String(all % 60).padStart(2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}
