/* Keeps the page itself on the phone. Data is not cached here: the day and the presses stand in IndexedDB. */
const CACHE = "liuzhu-caregiver-1";
const PAGE = "/caregiver/";
const PARTS = [
  "app", "clock", "day", "dom", "ids", "lists", "place", "press", "shown", "store", "sync", "today", "visit", "words",
].map((name) => `/static/caregiver/${name}.js`);
const FILES = [...PARTS, "/static/caregiver/phone.css", "/static/caregiver/phone.webmanifest", "/static/look/tokens.css", "/static/look/mark.svg", "/static/lib/idb.js"];
const WAIT_MS = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("liuzhu-caregiver-") && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isOurs = url.origin === location.origin && event.request.method === "GET";
  if (isOurs && (url.pathname === PAGE || FILES.includes(url.pathname))) event.respondWith(freshOrKept(event.request, url.pathname));
});

/* The network's answer when it comes soon, else the kept one; a late answer is kept for the next time. */
async function freshOrKept(request, path) {
  const cache = await caches.open(CACHE);
  const fresh = fetch(request).then((response) => {
    if (response.ok && !response.redirected) cache.put(path, response.clone());
    return response;
  });
  const kept = await cache.match(path);
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), WAIT_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}
