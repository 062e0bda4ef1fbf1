/* Keys J and K walk through what waits; the month reads itself anew when rows were written. */
(() => {
  const typing = (target) => target.closest("input, textarea, select");

  function walk(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    const link = document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
    if (link) link.click();
  }

  let resting = false, missed = false;
  async function refresh() {
    const main = document.querySelector("main[data-changed]");
    if (!main || document.hidden) return;
    if (resting) { missed = true; return; }
    resting = true;
    setTimeout(() => { resting = false; if (missed) { missed = false; refresh(); } }, 5000);
    const answer = await fetch(main.dataset.changed).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (fresh) main.replaceChildren(...fresh.childNodes);
  }

  document.addEventListener("keydown", walk);
  document.body.addEventListener("changed", refresh);
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
  document.querySelector(".held[aria-current]")?.scrollIntoView({ block: "nearest" });
})();
