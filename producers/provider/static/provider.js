/* The office's page: fuses that run down, parts that open, T for the table, and offers that were seen. */
(() => {
  const body = document.body;
  const cityNow = () => window.liuzhu.cityNow();
  const seen = new Set();

  function clockOf(ms) {
    const all = Math.max(0, Math.floor(ms / 1000));
    const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, String(all % 60).padStart(2, "0")];
    return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
  }

  function tick() {
    for (const node of document.querySelectorAll("[data-until]")) {
      const left = Number(node.dataset.until) - cityNow();
      node.textContent = left > 0 ? node.dataset.word.replace("{t}", clockOf(left)) : node.dataset.over;
    }
    for (const meter of document.querySelectorAll("[data-meter]")) {
      const [from, to] = [Number(meter.dataset.from), Number(meter.dataset.to)];
      const left = Math.min(1, Math.max(0, (to - cityNow()) / Math.max(1, to - from)));
      meter.firstElementChild.style.width = `${left * 100}%`;
    }
  }

  /* An offer is delivered once it stood on a visible screen: told once, under an id made from the offer's. */
  async function tellSeen() {
    if (document.visibilityState !== "visible") return;
    const fresh = [...document.querySelectorAll("[data-unseen]")].flatMap((node) => node.dataset.unseen.trim().split(/\s+/)).filter((id) => id && !seen.has(id));
    if (!fresh.length) return;
    for (const id of fresh) seen.add(id);
    const form = new URLSearchParams(fresh.map((id) => ["offer_id", id]));
    try {
      const response = await fetch("/provider/offers/shown", { method: "POST", body: form });
      if (!response.ok) throw new Error(String(response.status));
    } catch {
      for (const id of fresh) seen.delete(id);
    }
  }

  function openPart(button) {
    const entry = button.closest(".block");
    const part = entry.querySelector(`[data-part="${button.dataset.open}"]`);
    const willOpen = part.hidden;
    for (const other of entry.querySelectorAll("[data-part]")) other.hidden = true;
    part.hidden = !willOpen;
    if (willOpen) part.querySelector("select, input:not([type=hidden]), button")?.focus();
    else tellNews();
  }

  function fillShift(cell) {
    const form = document.querySelector("[data-shift-form]");
    form.elements.caregiver_id.value = cell.dataset.caregiver;
    form.elements.on.value = cell.dataset.on;
    form.elements.starts.focus();
  }

  body.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) openPart(opener);
    const cell = event.target.closest("[data-cell]");
    if (cell && !event.target.closest(".back")) fillShift(cell);
  });

  body.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key.toLowerCase() !== "t" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    document.querySelector("[data-view]:not([aria-current])")?.click();
  });

  /* News is looked at shortly after the first of it, and again for what comes later: none is passed over. */
  const LOOK_AFTER_MS = 800;
  let soon = null;

  function look() {
    soon ??= setTimeout(() => { soon = null; body.dispatchEvent(new CustomEvent("look")); }, LOOK_AFTER_MS);
  }

  body.addEventListener("changed", look);

  /* Whoever is filling in a part keeps it: news waits until the part is closed. */
  const isOpen = (pane) => Boolean(pane.querySelector("[data-part]:not([hidden])"));
  let newsWaits = false;

  function holdNews(event, hold) {
    const pane = event.target.closest?.("[data-pane]");
    if (!pane || event.detail.requestConfig?.verb === "post" || !isOpen(pane)) return;
    newsWaits = true;
    hold();
  }

  body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-pane]")) holdNews(event, () => event.preventDefault());
  });
  body.addEventListener("htmx:beforeSwap", (event) => holdNews(event, () => { event.detail.shouldSwap = false; }));

  function tellNews() {
    if (newsWaits) look();
    newsWaits = false;
  }

  body.addEventListener("htmx:afterSwap", () => { tick(); tellSeen(); });
  document.addEventListener("visibilitychange", tellSeen);
  setInterval(tick, 1000);
  setInterval(tellSeen, 5000);
  tick();
  tellSeen();
})();
