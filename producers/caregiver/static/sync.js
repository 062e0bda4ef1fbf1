/* Keeps phone and line together: measures the clock, uploads what waits, fetches the day. One round at a time. */
import { heard } from "./clock.js";
import { asSent, press } from "./press.js";

const TIMEOUT_MS = 15000;
const BATCH = 50;

export class Sync {
  constructor(store, caregiverId, onChange) {
    this.store = store;
    this.base = `/caregiver/${encodeURIComponent(caregiverId)}`;
    this.onChange = onChange;
    this.online = navigator.onLine;
    this.round = null;
    this.again = false;
    this.etag = null;
  }

  /* Runs a round, or one more after the present one. Resolves when nothing is left to run. */
  run() {
    if (this.round) { this.again = true; return this.round; }
    this.round = this.rounds().finally(() => { this.round = null; });
    return this.round;
  }

  async rounds() {
    do {
      this.again = false;
      try {
        await this.upload();
        await this.fetchDay();
        this.online = true;
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        this.online = false;
      }
      await this.onChange();
    } while (this.again && this.online);
  }

  async ask(path, options = {}) {
    try {
      return await fetch(this.base + path, { ...options, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      throw new Away();
    }
  }

  async send(path, body) {
    const response = await this.ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!response.ok) throw new Away();
    return response.json();
  }

  async upload() {
    const nowMs = Date.now();
    const ready = (await this.store.presses()).filter((entry) => entry.state === "KEPT");
    // A later press never overtakes an earlier one of the same visit that may still be taken back.
    const held = new Set(ready.filter((entry) => entry.hold_until_ms > nowMs).map((entry) => entry.visit_id));
    const batch = ready.filter((entry) => !entry.visit_id || !held.has(entry.visit_id)).slice(0, BATCH);
    if (!batch.length) return;
    await this.measure(batch);
    const { results } = await this.send("/facts", batch.map(asSent));
    let moved = 0;
    for (const [index, result] of results.entries()) moved += await this.settle(batch[index], result);
    if (moved && ready.length > batch.length) this.again = true;
  }

  /* City time minus the phone's clock at each press, measured once and then never changed. */
  async measure(batch) {
    const fresh = batch.filter((entry) => entry.clock_offset_ms === null);
    if (!fresh.length) return;
    const sentMs = Date.now();
    const said = await this.send("/clock", { sent_at: new Date(sentMs).toISOString(), said_at: fresh.map((entry) => entry.said_at) });
    await this.store.set("clock", heard(said.now, said.rate_permille, (sentMs + Date.now()) / 2));
    for (const [index, entry] of fresh.entries()) {
      entry.clock_offset_ms = said.offsets_ms[index];
      await this.store.amend(entry.fact_id, { clock_offset_ms: entry.clock_offset_ms });
    }
  }

  async settle(entry, result) {
    const told = { code: result.code, zh: result.zh, en: result.en };
    if (result.taken) {
      await this.store.amend(entry.fact_id, { ...told, state: "TAKEN", decided: result.decided, taken_ms: Date.now() });
      return 1;
    }
    if (result.again) return 0;
    await this.store.amend(entry.fact_id, { ...told, state: "REFUSED", taken_ms: Date.now() });
    return 1;
  }

  async fetchDay() {
    const sentMs = Date.now();
    const known = await this.store.get("day");
    const response = await this.ask("/today.json", { headers: known && this.etag ? { "if-none-match": this.etag } : {} });
    if (response.status === 304) {
      await this.store.set("day", { ...known, heard_ms: sentMs });
      return;
    }
    if (!response.ok) throw new Away();
    this.etag = response.headers.get("etag");
    const day = await response.json();
    await this.store.set("clock", heard(day.now, day.rate_permille, (sentMs + Date.now()) / 2));
    await this.store.set("day", { ...day, heard_ms: sentMs });
    await this.receipts(day.offers);
    await this.store.tidy(Date.now());
  }

  /* An offer that stands in the phone has been delivered: said once, under the id the offer brought. */
  async receipts(offers) {
    for (const offer of offers) {
      if (offer.status !== "OPEN" || (await this.store.has(offer.receipt_id))) continue;
      await press(this.store, "OfferDelivered", { offer_id: offer.offer_id }, { factId: offer.receipt_id });
      this.again = true;
    }
  }
}

export class Away extends Error {}
