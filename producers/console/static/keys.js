/* What a key means at the seat. Pure: (event, place) -> [what, detail] or null.
   place: "alarm" | "booking", typing: the focus is in a text field, composing: an input method is open. */
window.liuzhuKeys = (() => {
  const always = { F9: ["emergency"], F8: ["lead"], F10: ["ambulance"], F2: ["why"] };
  const booking = { m: ["move"], x: ["cancel"], s: ["progress"], o: ["other"], "/": ["find"] };
  const alarm = { y: ["answer", "REAL"], w: ["answer", "NO_ANSWER"], n: ["answer", "FALSE"] };

  return function meaning(event, place) {
    if (event.ctrlKey || event.altKey || event.metaKey) return null;
    if (event.key in always) return always[event.key];
    if (place.composing) return null;
    if (event.key === "Escape") return ["leave"];
    if (event.key === "Enter") return place.inNote || place.onButton ? null : ["enter"];
    if (event.key === "ArrowDown") return place.inNote ? null : ["next"];
    if (event.key === "ArrowUp") return place.inNote ? null : ["previous"];
    if (place.typing) return null;
    const key = event.key.toLowerCase();
    if (place.screen === "alarm") return alarm[key] || null;
    if (/^[1-6]$/.test(key)) return ["help", Number(key)];
    if (key in booking) return booking[key];
    return null;
  };
})();
