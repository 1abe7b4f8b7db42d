// The API of a campaign that is killed: it knows what it accepted, answers with faults, and kills its callers.
import { setTimeout as sleep } from "node:timers/promises";
import { FaultServer, envelope } from "../faults/server.mjs";
import { keyOf } from "./suite/rows.mjs";

export class Api extends FaultServer {
  /** The codes of what was accepted, by number and text. */
  codes = new Map();
  /** How often each fault was met. */
  met = new Map();
  /** The process that calls. */
  victim;

  #random;
  #faults;
  #turn = 0;
  #count = 0;
  #late = new Set();

  /** `random` decides which sends meet a fault: each the next of these. */
  constructor(random, faults) {
    super({ call: "send", answer: (exchange) => this.#meet(exchange) });
    this.#random = random;
    this.#faults = faults;
  }

  /** No fault happens any more, and what was to be accepted late is. */
  async heal() {
    this.#faults = [];
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  process({ body }) {
    const { sms } = JSON.parse(body).send_sms_request;
    return envelope(
      sms.map(({ from, to, text }) => {
        const code = `CODE-${this.#count++}`;
        const key = keyOf({ to, text });
        this.codes.set(key, [...(this.codes.get(key) ?? []), code]);
        return { code, sender_addresss: from, receiver_address: to, text };
      }),
    );
  }

  /** Accepts the messages after everybody has given up. */
  processLate(exchange) {
    const late = sleep(700).then(() => {
      exchange.process();
      this.#late.delete(late);
    });
    this.#late.add(late);
  }

  stats(request) {
    this.victim.asks();
    const receivers = JSON.parse(request.body).sms_sent.filters.receiver_address;
    const known = [...this.codes].map(([key, codes]) => [key.split(" ", 1)[0], key, codes]);
    const valid_number = receivers.map(({ value }) => ({
      [value.slice(1)]: known
        .filter(([to]) => to === value)
        .flatMap(([to, key, codes]) => codes.map((code) => ({ code, content: key.slice(to.length + 1) }))),
    }));
    return JSON.stringify({ code: "00", message: "success", description: "Done", data: { valid_number } });
  }

  async #meet(exchange) {
    const [kill, fault, latency] = [this.victim.sends(), this.#fault(exchange), this.#random(12)];
    if (kill) return kill(exchange, this.#random);
    await sleep(latency);
    if (fault === undefined) return exchange.answer(200, {}, exchange.process());
    this.met.set(fault.name, (this.met.get(fault.name) ?? 0) + 1);
    fault.answer(exchange);
  }

  /** Of 100 sends 35 meet one. */
  #fault({ request }) {
    if (this.#random(100) >= 35) return undefined;
    const fault = this.#faults[this.#turn++ % this.#faults.length];
    return fault?.many && JSON.parse(request.body).send_sms_request.sms.length < fault.many ? undefined : fault;
  }
}
