/* City time on the phone: as told at the last contact, run on at the rate the city's clock runs. */
let told = { city_ms: Date.now(), phone_ms: Date.now(), rate: 1 };

export function setClock(contact) {
  if (contact) told = contact;
}

export function heard(nowIso, ratePermille, phoneMs = Date.now()) {
  told = { city_ms: Date.parse(nowIso), phone_ms: phoneMs, rate: ratePermille / 1000 };
  return told;
}

export function cityMs(phoneMs = Date.now()) {
  return told.city_ms + (phoneMs - told.phone_ms) * told.rate;
}

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "numeric", day: "numeric", weekday: "short",
  hour: "numeric", minute: "2-digit", hourCycle: "h23",
});

export function local(ms) {
  const found = Object.fromEntries(parts.formatToParts(new Date(ms)).map((part) => [part.type, part.value]));
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(found.weekday);
  const [year, month, day] = [Number(found.year), Number(found.month), Number(found.day)];
  const pad = (n) => String(n).padStart(2, "0");
  return { month, day, weekday, hour: Number(found.hour), minute: found.minute, on: `${year}-${pad(month)}-${pad(day)}` };
}
