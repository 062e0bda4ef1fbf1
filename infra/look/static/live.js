/* The page's ear: one stream of server-sent events, told on to the page as `changed` and `link` on <body>.
   It also drives the city clock and the link light. htmx fragments say hx-trigger="changed from:body". */
(() => {
  const body = document.body;
  const source = body.dataset.live;
  if (!source) return;
  const LATE_MS = 7000, GONE_MS = 14000;
  const zone = "Asia/Shanghai";
  const clockFormat = new Intl.DateTimeFormat("zh-CN",
    { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  let heardAt = performance.now();
  let stores = { kafka: body.dataset.kafka !== "away", postgres: body.dataset.postgres !== "away" };
  let city = { ms: Number(body.dataset.cityMs), rate: Number(body.dataset.rate), at: heardAt };
  let stream = null;
  let wasQuiet = false;

  const tell = (name, detail) => body.dispatchEvent(new CustomEvent(name, { detail }));
  const cityNow = () => city.ms + (performance.now() - city.at) * city.rate;

  function hear(event) {
    heardAt = performance.now();
    const said = JSON.parse(event.data);
    if (event.type === "link") {
      stores = { kafka: said.kafka, postgres: said.postgres };
      city = { ms: said.city_ms, rate: said.rate, at: heardAt };
      showLink();
    }
    tell(event.type, said);
  }

  function open() {
    stream?.close();
    stream = new EventSource(source);
    stream.addEventListener("link", hear);
    stream.addEventListener("changed", hear);
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    });
  }

  function showLink() {
    const quiet = performance.now() - heardAt;
    const state = quiet > GONE_MS ? "gone" : quiet > LATE_MS ? "slow" : stores.kafka && stores.postgres ? "full" : "half";
    for (const light of document.querySelectorAll("[data-link-light]")) {
      light.dataset.state = state;
      const word = light.querySelector("[data-word]");
      if (word) word.textContent = light.dataset[state].replace("{s}", (quiet / 1000).toFixed(1));
    }
    showBand(state);
    if (wasQuiet && state === "full") tell("changed", { areas: { "*": 0 } });
    wasQuiet = state === "gone" || state === "slow";
  }

  function showBand(state) {
    const band = document.querySelector("[data-band]");
    if (!band) return;
    const which = state === "gone" ? "line" : !stores.postgres && !stores.kafka ? "both"
      : !stores.postgres ? "postgres" : !stores.kafka ? "kafka" : "";
    band.hidden = which === "";
    for (const word of band.querySelectorAll("[data-away]")) word.hidden = word.dataset.away !== which;
  }

  function tick() {
    const shown = clockFormat.format(new Date(cityNow()));
    for (const clock of document.querySelectorAll("[data-city-clock]")) {
      if (clock.textContent !== shown) clock.textContent = shown;
    }
  }

  window.liuzhu = Object.assign(window.liuzhu || {}, { cityNow });
  open();
  showLink();
  setInterval(() => { showLink(); tick(); }, 500);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
})();
