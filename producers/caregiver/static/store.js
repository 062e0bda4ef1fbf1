/* What the phone keeps in IndexedDB: the last day it was told (`kept`) and every press (`presses`). */
const KEEP_TAKEN_MS = 48 * 3600 * 1000;

export class Store {
  static async open(caregiverId) {
    const db = await idb.openDB(`liuzhu-caregiver-${caregiverId}`, 1, {
      upgrade(made) {
        made.createObjectStore("kept");
        made.createObjectStore("presses", { keyPath: "fact_id" });
      },
    });
    return new Store(db);
  }

  constructor(db) {
    this.db = db;
  }

  get(name) {
    return this.db.get("kept", name);
  }

  set(name, value) {
    return this.db.put("kept", value, name);
  }

  /* Oldest first; two presses of the same millisecond keep the sequence of their ids. */
  async presses() {
    const all = await this.db.getAll("presses");
    return all.sort((a, b) => a.pressed_ms - b.pressed_ms || (a.fact_id < b.fact_id ? -1 : 1));
  }

  press(entry) {
    return this.db.put("presses", entry);
  }

  async has(factId) {
    return (await this.db.getKey("presses", factId)) !== undefined;
  }

  forget(factId) {
    return this.db.delete("presses", factId);
  }

  /* Changes a kept press; one that was taken back meanwhile stays gone. */
  async amend(factId, change) {
    const tx = this.db.transaction("presses", "readwrite");
    const entry = await tx.store.get(factId);
    if (entry) await tx.store.put({ ...entry, ...change });
    await tx.done;
    return Boolean(entry);
  }

  /* What was taken is kept a while, so that the page shows it until the day it is told says so too. */
  async tidy(nowMs) {
    for (const entry of await this.presses()) {
      if (entry.state === "TAKEN" && nowMs - entry.pressed_ms > KEEP_TAKEN_MS) await this.forget(entry.fact_id);
    }
  }
}
