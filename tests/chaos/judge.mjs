// What must hold of all that a campaign is told of its messages, over all of its processes.
import { keyOf } from "./suite/rows.mjs";

export class Judge {
  /** What was found to be wrong, as sentences. */
  doubled = [];
  lost = [];
  falselySent = [];

  #rows;
  #api;
  /** The rows of each number and text. */
  #twins = new Map();
  /** The codes that were told, by row. */
  #told = new Map();

  constructor(rows, api) {
    this.#rows = rows;
    this.#api = api;
    rows.forEach((row, index) => this.#twins.set(keyOf(row), [...this.#at(row), index]));
  }

  get isBroken() {
    return this.doubled.length + this.lost.length + this.falselySent.length > 0;
  }

  /** A process told the outcome of a row. */
  outcome({ index, status, code }) {
    const row = this.#rows[index];
    const told = this.#told.get(index);
    if (status !== "sent") {
      if (told !== undefined && status !== "skipped") this.lost.push(`${index} was sent, and is ${status}`);
      return;
    }
    const others = this.#at(row).filter((other) => other !== index);
    if (!this.#codes(row).includes(code)) this.falselySent.push(`${index} has ${code}, which the API never gave it`);
    else if (others.some((other) => this.#told.get(other) === code)) this.falselySent.push(`${index} has the code of another`);
    else if (told !== undefined && told !== code) this.falselySent.push(`${index} had another code`);
    this.#told.set(index, code);
  }

  /** A process came to its end: nothing was accepted more often than there are rows of it. */
  gone() {
    this.doubled = [];
    for (const [key, twins] of this.#twins) {
      const accepted = this.#api.codes.get(key)?.length ?? 0;
      if (accepted > twins.length) this.doubled.push(`${twins} was accepted ${accepted} times`);
    }
  }

  /** A run came to its end: every row has its outcome, and what was accepted is sent or in doubt. */
  ended(outcomes) {
    this.#rows.forEach((row, index) => {
      if (outcomes[index]?.index !== index) this.lost.push(`${index} has no outcome`);
    });
    for (const [key, twins] of this.#twins) {
      const accepted = this.#api.codes.get(key)?.length ?? 0;
      // A run that stopped does not say what it knows of the rest.
      const accounted = twins.filter((index) => ["sent", "unknown", "skipped"].includes(outcomes[index]?.status));
      if (Math.min(accepted, twins.length) > accounted.length) this.lost.push(`${twins} was accepted, and is not sent`);
    }
  }

  /** All is settled: what could be sent is. */
  settled(outcomes) {
    for (const { index, status } of outcomes) {
      if (status !== "sent" && status !== "invalid") this.lost.push(`${index} is ${status} in the end`);
      const row = this.#rows[index];
      if (status === "sent" && this.#codes(row).length < this.#at(row).length) this.lost.push(`${index} was never accepted`);
    }
  }

  #codes(row) {
    return this.#api.codes.get(keyOf(row)) ?? [];
  }

  #at(row) {
    return this.#twins.get(keyOf(row)) ?? [];
  }
}
