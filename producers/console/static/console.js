/* The seat: keys, the draft, the choice of caregivers, clocks, and the page's own measure of each answer. */
(() => {
  const one = (query, root = document) => root.querySelector(query);
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const isAlarm = document.body.classList.contains("alarm");
  const form = one("#ask");
  const openedAt = performance.now();
  window.liuzhuAnswers = window.liuzhuAnswers || [];
  let askedAt = null;      // when the booking was pressed
  let asking = null;       // the outlook that is being fetched
  let bookNext = false;    // Enter came before the outlook did

  /* --- the form --- */

  const field = (name) => form.elements.namedItem(name);

  function chooseHelp(help) {
    if (help === "EMERGENCY" && !itemsOf(help).length) return emergency();
    for (const tile of all("[data-help][role=radio]", form)) tile.setAttribute("aria-checked", tile.dataset.help === help);
    for (const option of all("[data-item]", form)) option.hidden = option.dataset.of !== help;
    one("#item-row").hidden = false;
    if (!all("#beside [data-help]").some((tile) => tile.dataset.help === help)) one("#beside").hidden = true;
    const first = itemsOf(help)[0];
    if (first) chooseItem(first.dataset.item);
    one("#window").focus();
  }

  const itemsOf = (help) => all(`[data-item][data-of="${help}"]`, form);

  function chooseItem(code) {
    for (const option of all("[data-item]", form)) option.setAttribute("aria-pressed", option.dataset.item === code);
    field("item").value = code;
    chooseGoalFor(one(`[data-item="${CSS.escape(code)}"]`));
    ask();
  }

  /* An escort leads somewhere, and waits there; nothing else does. */
  function chooseGoalFor(option) {
    const wait = option?.dataset.wait;
    one("#goal-row").hidden = wait === undefined;
    field("wait").placeholder = wait ?? "";
    if (wait === undefined) field("goal").value = field("wait").value = "";
  }

  function chooseGender(gender) {
    for (const option of all("[data-gender]", form)) option.setAttribute("aria-pressed", option.dataset.gender === gender);
    field("gender").value = gender;
    ask();
  }

  let askTimer = 0;
  function ask() {
    keepDraft();
    field("caregivers").value = "";
    clearTimeout(askTimer);
    one("#book").disabled = true;
    asking = "waiting";
    askTimer = setTimeout(() => {
      asking = "sent";
      htmx.ajax("POST", "/console/outlook", { source: "#outlook-source", target: "#who-can", swap: "innerHTML", values: values() });
    }, 90);
  }

  const values = () => Object.fromEntries(new FormData(form));

  function book() {
    if (asking) { bookNext = true; return; }
    const button = one("#book");
    if (button.disabled) return;
    form.requestSubmit();
  }

  /* --- candidates and ways out --- */

  const choices = () => [...all(".who[role=option]"), ...all("[data-way]:not(:disabled)")];

  function select(choice) {
    for (const other of choices()) other.setAttribute("aria-selected", other === choice);
    choice.scrollIntoView({ block: "nearest" });
    if (choice.dataset.chosen !== undefined) return selectResponder(choice);
    if (choice.dataset.caregivers === undefined) return;
    const isFirst = choice === one(".who[role=option]");
    if (form) field("caregivers").value = isFirst ? "" : choice.dataset.caregivers;
    if (one("#sentence")) one("#sentence").textContent = choice.dataset.sentence;
    if (one("#copay")) one("#copay").textContent = choice.dataset.copay;
  }

  function selectResponder(choice) {
    one("#send [name=chosen]").value = choice.dataset.chosen;
    const word = one("[data-send]"), send = one("#send");
    const isSent = choice.dataset.chosen === (send.dataset.sent || null);
    word.textContent = (isSent ? send.dataset.isSent : word.dataset.word) + choice.dataset.called;
    one(".book", send).disabled = isSent || send.dataset.closed !== undefined;
  }

  function step(by) {
    const list = choices();
    if (!list.length) return;
    const at = list.findIndex((choice) => choice.getAttribute("aria-selected") === "true");
    select(list[Math.min(Math.max(at + by, 0), list.length - 1)]);
  }

  function takeWay(way) {
    if (way.dataset.wayItem) return chooseItem(way.dataset.wayItem);
    if (way.dataset.wayKind === "GENDER") return chooseGender("");
    if (way.dataset.wayWindow) one("#window").value = way.dataset.wayWindow;
    ask();
  }

  /* --- what the keys do --- */

  function emergency() {
    const call = one(".call");
    const ring = one("[data-ring]");
    if (call?.dataset.recipient) location.href = `/console/alarm?recipient=${encodeURIComponent(call.dataset.recipient)}`;
    else location.href = ring ? ring.href : "/console/alarm";
  }

  function middle(kind) {
    const call = one(".call");
    if (!call?.dataset.recipient) return;
    const focus = { move: "[data-move]", cancel: "[data-cancel]" }[kind];
    const address = `/console/progress?recipient=${encodeURIComponent(call.dataset.recipient)}`;
    keepDraft();
    one("#call-kind").textContent = one(`[data-do=${kind}]`).textContent.replace(/\b[A-Z]\b/, "").trim();
    one("#sentence").textContent = "";
    one("#book").disabled = true;
    htmx.ajax("GET", address, { target: "#middle", swap: "innerHTML" }).then(() => one(`#middle ${focus || "[data-do=booking]"}`)?.focus());
  }

  const deeds = {
    emergency,
    lead: () => one("#lead")?.showModal(),
    ambulance: () => one('form[data-hotkey="F10"] button')?.click(),
    why: () => one("#why")?.focus(),
    find: () => one("#find")?.focus(),
    leave: () => (one("#middle") && !one("#ask") ? location.reload() : document.activeElement?.blur()),
    move: () => middle("move"),
    cancel: () => middle("cancel"),
    progress: () => middle("progress"),
    booking: () => location.reload(),
    other: () => { one("#beside").hidden = false; one("#beside [data-help]").focus(); },
    next: () => (one("#found a") && document.activeElement?.id === "find" ? foundStep(1) : step(1)),
    previous: () => (one("#found a") && document.activeElement?.id === "find" ? foundStep(-1) : step(-1)),
    help: (n) => { const tile = one(`.help-key[data-key="${n}"]`); if (tile) chooseHelp(tile.dataset.help); },
    answer: (outcome) => one(`button[name=outcome][value=${outcome}]`)?.click(),
    enter,
  };

  function foundStep(by) {
    const list = all("#found a");
    const at = list.findIndex((link) => link.getAttribute("aria-selected") === "true");
    const to = list[Math.min(Math.max(at + by, 0), list.length - 1)];
    for (const link of list) link.setAttribute("aria-selected", link === to);
  }

  function enter() {
    const active = document.activeElement;
    if (active?.id === "find") return openFound();
    if (active?.id === "why") return;
    const inMiddle = active?.closest?.("#middle form:not(#ask)");
    if (inMiddle) return inMiddle.requestSubmit();
    if (isAlarm) return one("#send .book")?.disabled ? undefined : one("#send").requestSubmit();
    const way = one('[data-way][aria-selected="true"]');
    if (way) return takeWay(way);
    if (one("#ask")) book();
  }

  let openWhenFound = false;
  function openFound() {
    const link = one('#found a[aria-selected="true"]');
    if (link && !one("#find").classList.contains("htmx-request")) location.href = link.href;
    else openWhenFound = true;
  }

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const typing = at.matches?.("input:not([type=hidden]), textarea, select") || false;
    const place = {
      screen: isAlarm ? "alarm" : "booking",
      typing,
      composing: event.isComposing || event.keyCode === 229,
      inNote: at.matches?.("textarea, select") || false,
      onButton: (at.matches?.("button, a, summary") || false) && !at.matches("[data-help], [data-item], [data-gender]"),
    };
    if (one("dialog[open]")) return;
    const meaning = window.liuzhuKeys(event, place);
    if (!meaning || !deeds[meaning[0]]) return;
    event.preventDefault();
    deeds[meaning[0]](meaning[1]);
  });

  document.addEventListener("click", (event) => {
    const hit = (query) => event.target.closest(query);
    const tile = hit("#ask [data-help][role=radio]"), item = hit("[data-item]"), gender = hit("[data-gender]");
    const who = hit(".who[role=option]"), way = hit("[data-way]"), deed = hit("[data-do]");
    if (tile) chooseHelp(tile.dataset.help);
    else if (item) chooseItem(item.dataset.item);
    else if (gender) chooseGender(gender.dataset.gender);
    else if (who) select(who);
    else if (way) takeWay(way);
    else if (deed) deeds[deed.dataset.do]();
    else if (hit("[data-lead]")) deeds.lead();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "window") echoWindow(), ask();
    else if (event.target.id === "goal" || event.target.id === "wait") ask();
    else if (event.target.id === "note") keepDraft();
    else if (event.target.id === "why") showWhy(event.target.value.trim().toLowerCase());
  });

  function echoWindow() {
    const typed = one("#window").value.trim();
    one("#window-echo").textContent = typed;
    one("#window-field").classList.remove("bad");
  }

  function showWhy(typed) {
    const found = one("#why-found");
    if (!found) return;
    found.hidden = typed === "";
    for (const row of all("[data-who]", found)) row.hidden = !row.dataset.who.includes(typed);
  }

  /* --- the draft: kept on this machine until it is booked --- */

  const draftKey = form && `liuzhu-draft-${form.dataset.recipient}`;

  function keepDraft() {
    if (!form || !one("#ask")) return;
    const draft = { item: field("item").value, window: field("window").value, note: field("note").value, gender: field("gender").value, goal: field("goal").value, wait: field("wait").value, name: one(".call").dataset.name };
    try { sessionStorage.setItem(draftKey, JSON.stringify(draft)); } catch { return; }
    const saved = one("#draft-saved");
    const english = document.documentElement.lang === "en";
    if (saved) saved.textContent = (english ? "Draft saved " : "草稿已存 ") + (one("[data-city-clock]")?.textContent || "");
  }

  function forgetDraft() {
    one("#draft-saved").textContent = "";
    try { sessionStorage.removeItem(draftKey); } catch { return; }
  }

  function restoreDraft() {
    let draft = null;
    try { draft = JSON.parse(sessionStorage.getItem(draftKey)); } catch { return; }
    if (!draft?.item) return;
    const option = one(`[data-item="${CSS.escape(draft.item)}"]`);
    if (!option) return;
    chooseHelp(option.dataset.of);
    field("window").value = draft.window;
    field("note").value = draft.note;
    echoWindow();
    chooseItem(draft.item);
    if (!one("#goal-row").hidden) {
      field("goal").value = draft.goal ?? "";
      field("wait").value = draft.wait ?? "";
    }
  }

  function showOtherDraft() {
    const chip = one("#draft-chip");
    if (!chip || form) return;
    for (let n = 0; n < sessionStorage.length; n += 1) {
      const key = sessionStorage.key(n);
      if (!key.startsWith("liuzhu-draft-")) continue;
      const draft = JSON.parse(sessionStorage.getItem(key));
      if (!draft.item) continue;
      const english = document.documentElement.lang === "en";
      chip.textContent = english ? `Draft ${draft.name} kept` : `草稿 ${draft.name}，已存`;
      chip.hidden = false;
    }
  }

  /* --- htmx: what comes and goes --- */

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === form) { askedAt = performance.now(); one("#book").setAttribute("aria-busy", "true"); }
  });

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status >= 400 && requestConfig.verb === "get") event.detail.shouldSwap = false;
    if (xhr.status >= 400 && requestConfig.elt === form) one("#book")?.removeAttribute("aria-busy");
  });

  document.body.addEventListener("htmx:afterSettle", (event) => {
    const from = event.detail.requestConfig?.path || "";
    if (from === "/console/outlook") outlookCame();
    else if (from === "/console/requests") answerCame();
    if (event.detail.target?.id === "found" && openWhenFound) { openWhenFound = false; openFound(); }
    if (event.detail.target?.id === "ringing") pulseOnce();
    else if (isAlarm) keepResponder();
    tick();
  });

  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig?.elt !== form) return;
    const english = document.documentElement.lang === "en";
    one("#book").removeAttribute("aria-busy");
    one("#book").disabled = false;
    one("#sentence").textContent = english ? "Not stored, what you filled in is kept: press Enter again. [LINE_AWAY]" : "没有存进去，您填的都还在；接上后再按 Enter。[LINE_AWAY]";
  });

  function outlookCame() {
    asking = null;
    one("#window-field")?.classList.toggle("bad", Boolean(one("#window-said .wrong")));
    if (bookNext) { bookNext = false; book(); }
  }

  function answerCame() {
    one("#book")?.removeAttribute("aria-busy");
    if (askedAt === null) return;
    const pressed = askedAt;
    askedAt = null;
    requestAnimationFrame(() => {
      const ms = Math.round(performance.now() - pressed);
      const answer = one("[data-answer]");
      const isDecided = answer?.hasAttribute("data-codes") || false;
      window.liuzhuAnswers.push({ ms, decided: isDecided, fact: answer?.dataset.answer || null });
      if (answer) answer.dataset.answerMs = String(ms);
      if (answer?.dataset.visit) forgetDraft();
    });
  }

  let chosenResponder = null;
  function keepResponder() {
    const wanted = all(".who[data-chosen]").find((who) => who.dataset.chosen === chosenResponder);
    const first = wanted || one('.who[data-chosen][aria-selected="true"]');
    if (first) select(first);
  }

  /* --- clocks --- */

  const rung = new Set();
  function pulseOnce() {
    for (const ring of all("[data-ring]")) {
      ring.classList.toggle("rung", rung.has(ring.dataset.ring));
      rung.add(ring.dataset.ring);
    }
  }

  const two = (n) => String(n).padStart(2, "0");
  function since(ms) {
    const passed = Math.max(0, Math.floor((window.liuzhu.cityNow() - ms) / 1000));
    return passed < 3600 ? `${two(Math.floor(passed / 60))}:${two(passed % 60)}` : `${Math.floor(passed / 3600)}:${two(Math.floor(passed / 60) % 60)}:${two(passed % 60)}`;
  }

  function tick() {
    if (!window.liuzhu?.cityNow) return;
    const call = one("[data-call-clock]");
    if (call) { const s = Math.floor((performance.now() - openedAt) / 1000); call.textContent = `${two(Math.floor(s / 60))}:${two(s % 60)}`; }
    for (const clock of all("[data-since]")) clock.textContent = since(Number(clock.dataset.since));
    for (const clock of all("[data-count]")) countUp(clock);
  }

  function countUp(clock) {
    const passed = Math.max(0, Math.floor((window.liuzhu.cityNow() - Number(clock.dataset.count)) / 1000));
    const english = document.documentElement.lang === "en";
    if (clock.dataset.limit !== "1080" || passed >= 120) clock.textContent = passed < 120 ? `${passed}${english ? " s" : " 秒"}` : `${Math.floor(passed / 60)}${english ? " min" : " 分"}`;
    const meter = clock.parentElement.querySelector(".meter");
    meter.classList.toggle("late", passed > Number(clock.dataset.limit));
    meter.firstElementChild.style.width = `${Math.min(100, 100 * passed / Number(clock.dataset.limit))}%`;
  }

  document.addEventListener("click", (event) => {
    const who = event.target.closest(".who[data-chosen]");
    if (who) chosenResponder = who.dataset.chosen;
  });

  if (one("[data-reload]")) setTimeout(() => location.reload(), 400);
  if (form) restoreDraft();
  showOtherDraft();
  if (isAlarm) keepResponder();
  setInterval(tick, 500);
  tick();
})();
