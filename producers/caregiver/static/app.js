/* The caregiver's page: what is shown, and what each button does. Everything is drawn from IndexedDB. */
import { cityMs, local, setClock } from "./clock.js";
import { about, keyOf, merged, nextOf, pending, refusedOf } from "./day.js";
import { button, el, sign } from "./dom.js";
import { incomeScreen, shiftsScreen, tomorrowScreen } from "./lists.js";
import { press, UNDO_MS } from "./press.js";
import { countdown, lasting, time } from "./shown.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { todayScreen } from "./today.js";
import { visitScreen } from "./visit.js";
import { language, t } from "./words.js";

const root = document.getElementById("phone");
const caregiverId = root.dataset.caregiver;
const POLL_MS = 20_000;
const state = { view: null, presses: [], sync: { offline: !navigator.onLine } };
let store;
let sync;
let drawn = "";
let sheet = null;
let toast = null;

/* --- drawing */

const SCREENS = { tomorrow: tomorrowScreen, shifts: shiftsScreen, income: incomeScreen };

async function refresh() {
  const day = await store.get("day");
  state.presses = await store.presses();
  state.view = day ? merged(day, state.presses) : null;
  state.sync.offline = !sync.online;
  draw();
}

function draw() {
  const [page, id] = decodeURIComponent(location.hash.slice(1) || "today").split("/");
  const { heard_ms: _, now: __, ...seen } = state.view ?? {};
  const like = JSON.stringify([page, id, seen, state.presses, state.sync.offline, sheet?.key, toast?.key, local(cityMs()).on]);
  if (like === drawn) return;
  const scrolled = drawn.slice(0, 60) === like.slice(0, 60) ? scrollY : null;
  drawn = like;
  root.replaceChildren(...[screenOf(page, id), toast?.node, sheet?.node].flat(Infinity).filter(Boolean));
  if (scrolled !== null) scrollTo(0, scrolled);
  tick();
}

function screenOf(page, id) {
  if (!state.view) return firstTime();
  if (page === "visit") return visitScreen(state, act, id);
  return (SCREENS[page] ?? todayScreen)(state, act);
}

function firstTime() {
  return [act.syncLine(), el("main", {}, el("div", { class: "card empty" }, el("b", {}, t("firstTime"))))];
}

function tick() {
  for (const node of root.querySelectorAll("[data-until]")) {
    const left = Number(node.dataset.until) - cityMs();
    node.textContent = left > 0 ? t("left", { t: countdown(left) }) : t("leftNone");
  }
  for (const node of root.querySelectorAll("[data-since]")) node.textContent = lasting(cityMs() - Number(node.dataset.since));
  for (const node of root.querySelectorAll("[data-clock]")) node.textContent = time(cityMs());
}

/* --- what stands on every screen */

function syncLine() {
  const waits = pending(state.presses).length;
  if (state.sync.offline) {
    return el("div", { class: "sync off", role: "status", "data-sync": "offline" }, sign("cloudOff"),
      el("b", {}, waits ? t("kept", { n: waits }) : t("noNet")), waits ? el("span", { class: "right" }, t("noNet")) : el("span", { class: "right", "data-clock": true }));
  }
  const refused = refusedOf(state.presses).length;
  const [kind, mark, words] = waits ? ["sending", "up", t("sending", { n: waits })]
    : refused ? ["refused", "warn", t("notTaken", { n: refused })] : ["done", "cloud", t("synced")];
  return el("div", { class: `sync ${kind}`, role: "status", "data-sync": kind }, sign(mark), el("span", {}, words), el("span", { class: "right", "data-clock": true }));
}

function syncMark() {
  const waits = pending(state.presses).length;
  return el("span", { class: `sync-mark ${waits ? "" : "ok"}`, role: "status", "data-sync": waits ? "sending" : "done" },
    sign(waits ? "up" : "cloud"), waits ? t("sending", { n: waits }) : t("uploaded"));
}

function tabs(now) {
  return el("nav", { class: "tabs", "aria-label": t("menu") }, ["today", "tomorrow", "shifts", "income"].map((name) =>
    el("a", { href: `#${name}`, "aria-current": name === now ? "page" : null }, t(name))));
}

/* What was not taken, in both languages, until it was read. */
function notices() {
  return refusedOf(state.presses).map((each) => el("section", { class: "card notice", role: "alert", "data-code": each.code },
    el("b", {}, `${time(each.city_ms)} ${each.zh}`), el("p", { lang: "en" }, each.en), el("p", { class: "soft" }, each.code),
    button(t("understood"), "second", async () => { await store.amend(each.fact_id, { read: true }); refresh(); })));
}

/* --- what the buttons do */

async function say(word, body, more) {
  try {
    const entry = await press(store, word, body, more);
    if (entry.hold_until_ms) showUndo(entry);
    setTimeout(() => sync.run(), Math.max(0, entry.hold_until_ms - Date.now()) + 50);
  } catch {
    showToast(el("div", { class: "toast", role: "alert" }, el("b", {}, t("unsaved")), el("small", { lang: "en" }, t("unsavedEn"))), 8000);
  }
  sheet = null;
  await refresh();
}

function showUndo(entry) {
  const undo = async () => { await store.forget(entry.fact_id); hideToast(); await refresh(); };
  showToast(el("div", { class: "toast", role: "status" }, el("span", {}, t("noted", { t: time(entry.city_ms) })), button(t("undo"), "second", undo)), UNDO_MS);
}

function showToast(node, forMs) {
  const shown = { key: crypto.randomUUID(), node };
  toast = shown;
  setTimeout(() => { if (toast === shown) hideToast(); }, forMs);
}

function hideToast() {
  toast = null;
  draw();
}

function showSheet(title, choices) {
  const close = () => { sheet = null; draw(); };
  const node = el("div", { class: "sheet", role: "dialog", "aria-label": title, onclick: (event) => { if (event.target === node) close(); } },
    el("div", { class: "sheet-body" }, el("h2", {}, title), choices, button(t("close"), "second", close)));
  sheet = { key: title, node };
  draw();
  node.querySelector("button, a")?.focus();
}

const choice = (word, then) => button(t(word), "second wide", then, null, { "data-reason": word });

const act = {
  syncLine, syncMark, tabs, notices,
  async step(visit, word) {
    await say(word, about(visit));
    if (word !== "CaregiverCheckedOut") location.hash = `#visit/${keyOf(visit)}`;
  },
  accept: (offer) => say("AssignmentAccepted", { offer_id: offer.offer_id }, { offer }),
  askDecline: (offer) => showSheet(t("declineWhy"), ["ILL", "TOO_FAR", "BUSY", "OTHER"].map((reason) =>
    choice(reason, () => say("AssignmentDeclined", { offer_id: offer.offer_id, reason })))),
  askCannot: (visit) => showSheet(t("cannotWhy"), ["NOBODY_HOME", "REFUSED", "UNFIT", "WRONG_ADDRESS", "UNSAFE"].map((reason) =>
    choice(reason, () => say("VisitObstructed", { visit_id: visit.visit_id, reason })))),
  showHelp() {
    const { telephone, provider, provider_en: providerEn } = state.view.caregiver;
    const name = language === "zh" ? provider : providerEn;
    const line = (number, words) => el("a", { class: "second wide", href: `tel:${number}` }, sign("phone"), el("span", {}, words));
    showSheet(t("helpHead"), [telephone ? line(telephone, t("office", { name })) : null, line("12349", t("hotline"))].filter(Boolean));
  },
};

/* --- waking up */

function listen() {
  const events = new EventSource(`${sync.base}/live`);
  let soon = null;
  const wake = () => { soon ??= setTimeout(() => { soon = null; sync.run(); }, 1000); };
  events.addEventListener("changed", wake);
}

async function start() {
  store = await Store.open(caregiverId);
  setClock(await store.get("clock"));
  sync = new Sync(store, caregiverId, refresh);
  await refresh();
  addEventListener("hashchange", () => { scrollTo(0, 0); draw(); });
  for (const name of ["online", "focus", "pressed"]) addEventListener(name, () => sync.run());
  addEventListener("offline", () => { sync.online = false; refresh(); });
  setInterval(() => { tick(); draw(); }, 1000);
  setInterval(() => sync.run(), POLL_MS);
  listen();
  await sync.run();
  navigator.storage?.persist?.();
}

window.liuzhuPhone = { state, next: () => nextOf(state.view?.visits ?? []), sync: () => sync.run() };
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/caregiver/sw.js", { scope: "/caregiver/" });
start();
