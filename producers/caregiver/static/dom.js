/* Elements without a template language: el("p", { class: "x" }, "text", child …). Text is never read as HTML. */
const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SIGNS = {
  meal: "M3.5 11.5h17a8.5 8.5 0 0 1-5.6 8H9.1a8.5 8.5 0 0 1-5.6-8zM12.2 8.2 17.8 2.6M15.6 8.6l5.2-4.6",
  bath: "M2.8 12.5h18.4v1.6a5.4 5.4 0 0 1-5.4 5.4H8.2a5.4 5.4 0 0 1-5.4-5.4zM5.6 12.5V6a2.5 2.5 0 0 1 5 0M8.6 6.2h4M7 19.6l-1 2M17 19.6l1 2",
  clean: "M17.8 2.6 13.4 10M8.6 9.2l9 4.6-1.9 3.6-9-4.6zM7 13.2 3 20.4h9.6l2.4-3.2M7.8 20.2l2-3.6",
  mobility: "M7.8 4a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M9.8 8v6.2h6l3 5.3 1.9-.9M10 10.8h4.6M7.6 11.2a5.4 5.4 0 1 0 7.6 6.6",
  medical: "M9 3.5h6V9h5.5v6H15v5.5H9V15H3.5V9H9z",
  urgent: "M5.8 17v-4.4a6.2 6.2 0 0 1 12.4 0V17M3.8 17h16.4v3.6H3.8zM12 1.6v2.2M4 4.4l1.5 1.6M20 4.4 18.5 6M9 13a3 3 0 0 1 3-3",
  other: "M12 20s-7.5-4.4-7.5-10A4.4 4.4 0 0 1 12 7.2 4.4 4.4 0 0 1 19.5 10c0 5.6-7.5 10-7.5 10z",
  cloud: "M7.2 18.5h9.6a4 4 0 0 0 .5-8A5.6 5.6 0 0 0 6.5 10a4.3 4.3 0 0 0 .7 8.5z",
  cloudOff: "M9.8 6.1a5.6 5.6 0 0 1 7.5 4.4 4 4 0 0 1 2.3 6.6M16.5 18.5H7.2a4.3 4.3 0 0 1-.7-8.5M3.5 3.5l17 17",
  up: "M12 19V5M6 11l6-6 6 6",
  back: "M15 4.5 7.5 12l7.5 7.5",
  pin: "M12 21.5s-7-6.2-7-11.5a7 7 0 0 1 14 0c0 5.3-7 11.5-7 11.5zM9.6 10a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0",
  go: "M4 11 20.5 3.5 13 20l-1.8-7.2z",
  phone: "M5 3.5h3.5l1.8 4.5-2.2 1.6a12 12 0 0 0 6.3 6.3l1.6-2.2 4.5 1.8V19a1.8 1.8 0 0 1-1.9 1.8A16.5 16.5 0 0 1 3.2 5.4 1.8 1.8 0 0 1 5 3.5z",
  hand: "M8 13V6.2a1.5 1.5 0 0 1 3 0M11 11.5V4.5a1.5 1.5 0 0 1 3 0v7M14 11.5V6a1.5 1.5 0 0 1 3 0v8.5a6.5 6.5 0 0 1-6.5 6.5c-2.5 0-4-1.2-5.2-3.2L3.5 14.2a1.5 1.5 0 0 1 2.5-1.6L8 15",
  check: "M4.5 12.5 9.5 17.5 19.5 6.5",
  warn: "M12 4 21 19.5H3zM12 10v4.5M12 17v.4",
};
const HELP_SIGNS = { MEAL: "meal", BATHING: "bath", CLEANING: "clean", MOBILITY: "mobility", MEDICAL: "medical", EMERGENCY: "urgent" };

export function sign(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SIGNS[name]);
  svg.append(path);
  return svg;
}

export function tile(help, label = null) {
  const named = label ? { role: "img", "aria-label": label } : {};
  return el("span", { class: "tile", "data-help": help, ...named }, sign(HELP_SIGNS[help] ?? "other"));
}

export function button(label, kind, press, signName = null, extra = {}) {
  return el("button", { class: kind, type: "button", onclick: press, ...extra }, signName ? sign(signName) : null, el("span", {}, label));
}
