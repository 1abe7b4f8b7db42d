// One campaign: its processes are killed again and again, then it runs until it has gone through, and is judged.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { seededRandom } from "../package/seeded-random.mjs";
import { faults, moments } from "./faults.mjs";
import { Judge } from "./judge.mjs";
import { Api } from "./server.mjs";
import { expected } from "./suite/planted.mjs";
import { rowsOf } from "./suite/rows.mjs";

/** Processes that may try to get through; for the second half of them the API is sound. */
const TRIES = 40;

/** Milliseconds that a send may take, among faults; the API is silent for longer. */
const TIMEOUT = 500;

/** Milliseconds that a process may take, and a send where the API is sound, however slow the machine is. */
const PATIENCE = 120_000;

/**
 * Runs a campaign, and gives what became of it.
 *
 * @param {number} seed decides what happens to it, and when
 * @param {{ workspace: string, processes: import("../runtimes/processes.mjs").Processes, rows: number, kills: number,
 *   onKill?: () => void, bug?: string }} options
 * `kills` are planned, and told when they happen; a process may be at its end before. With a `bug` of suite/planted.mjs
 * the campaign ends when that is found
 */
export async function killedCampaign(seed, options) {
  const campaign = new KilledCampaign(seed, options);
  try {
    return await campaign.run();
  } finally {
    campaign.close();
  }
}

class KilledCampaign {
  #options;
  #seed;
  #random;
  #api;
  #judge;
  /** What is to be found. */
  #breaks;
  #file;
  #kills = [];
  #processes = 0;
  #failures = [];

  constructor(seed, options) {
    this.#options = options;
    this.#seed = seed;
    // Each has its own, so that neither depends on how often the other was asked.
    this.#random = seededRandom(2 * seed);
    this.#breaks = expected[options.bug]?.breaks;
    // Few campaigns meet all of them, but those of 13 numbers do; the fault that a bug needs comes every other time.
    const turned = faults.map((_, place) => faults[(seed + place) % faults.length]);
    const often = faults.filter(({ name }) => name === expected[options.bug]?.fault);
    this.#api = new Api(seededRandom(2 * seed + 1), turned.flatMap((fault) => [fault, ...often]));
    this.#judge = new Judge(rowsOf(seed, options.rows), this.#api);
    const name = [seed, options.bug?.replaceAll(" ", "-")].filter(Boolean).join("-");
    this.#file = join(options.workspace, `${name}.journal`);
  }

  async run() {
    await this.#api.listen();
    for (let planned = 0; planned < this.#options.kills && !this.#isFound(); planned++) await this.#process(...this.#plan());
    const before = await this.#goThrough();
    await this.#api.heal();
    const [after = [], end = []] = this.#isFound() ? [] : await this.#process(["reconcile", "send", "requeue", "send"], {}, PATIENCE);
    if (!this.#isFound()) this.#judge.settled(end);

    const { doubled, lost, falselySent, isBroken } = this.#judge;
    const isSound = !isBroken && this.#failures.length === 0;
    if (isSound) await rm(this.#file, { force: true });
    return {
      seed: this.#seed,
      messages: this.#options.rows,
      processes: this.#processes,
      kills: this.#kills,
      met: this.#api.met,
      inDoubt: [before, after].map((outcomes) => outcomes.filter(({ status }) => status === "unknown").length),
      ...{ doubled, lost, falselySent, failures: this.#failures, isSound, file: this.#file },
    };
  }

  close() {
    this.#api.close();
  }

  #isFound() {
    return this.#breaks !== undefined && this.#judge[this.#breaks].length > 0;
  }

  /** What a process does, and when it is killed: when the server holds its n-th send, or at any time. */
  #plan() {
    const [nth, ms, isAimed] = [1 + this.#random(3), this.#random(80), this.#random(100) < 65];
    const moment = this.#pick(Object.keys(moments));
    const from = this.#pick(["start", "first request", "first request", "first request"]);
    return [[this.#pick(["send", "send", "send", "send", "reconcile"])], isAimed ? { moment, nth } : { from, ms }];
  }

  #pick(list) {
    return list[this.#random(list.length)];
  }

  /** Runs it until what is left is in doubt; gives the outcomes of the last run. */
  async #goThrough() {
    let outcomes = [];
    for (let tries = 0; tries < TRIES; tries++) {
      if (this.#isFound()) return outcomes;
      if (tries === TRIES / 2) await this.#api.heal();
      [outcomes = []] = await this.#process(["send"]);
      const isLeft = ({ status, isBehind }) => status === "skipped" || (status === "not-sent" && !isBehind);
      if (outcomes.length > 0 && !outcomes.some(isLeft)) return outcomes;
    }
    this.#judge.lost.push("it never goes through");
    return outcomes;
  }

  /** Runs a process; gives the outcomes of each `send` that came to its end. */
  async #process(steps, plan = {}, timeout = TIMEOUT) {
    const { workspace, processes, rows: count, bug } = this.#options;
    const settings = { baseUrl: this.#api.baseUrl, file: this.#file, seed: this.#seed, count, steps, timeout, bug };
    const child = processes.start(process.execPath, ["suite/process.mjs", JSON.stringify(settings)], {
      cwd: workspace,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#processes++;
    const closed = once(child, "close");
    const victim = new Victim(child, steps[0], plan);
    this.#api.victim = victim;
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    const [runs, outcomes, words] = [[], [], []];
    createInterface({ input: child.stderr }).on("line", (line) => words.push(line));
    for await (const line of createInterface({ input: child.stdout })) {
      // The last line of one that was killed may be a part of one.
      if (victim.kill && !line.endsWith("}")) continue;
      const told = JSON.parse(line);
      if (told.index !== undefined) {
        outcomes.push(told);
        this.#judge.outcome(told);
      } else if (told.ended === "send") {
        runs.push(outcomes.splice(0));
        this.#judge.ended(runs.at(-1));
      }
    }
    await closed;
    this.#judge.gone();
    clearTimeout(late);
    victim.forget();
    if (child.signalCode === "SIGKILL" && victim.kill) {
      this.#kills.push(victim.kill);
      this.#options.onKill?.();
    } else if (child.exitCode !== 0) {
      this.#failures.push(words.join("\n") || `ended by ${child.signalCode ?? child.exitCode}`);
    }
    return runs;
  }
}

/** A process that is killed as planned, if it lives so long. */
class Victim {
  /** How it was killed. */
  kill;

  #child;
  #step;
  #plan;
  #sends = 0;
  #timer;

  constructor(child, step, plan) {
    this.#child = child;
    this.#step = step;
    this.#plan = plan;
    if (plan.from === "start") this.#wait();
  }

  /** The server holds a send. Gives what it is to do about it, where that is to kill. */
  sends() {
    this.#comes();
    if (this.#plan.nth !== ++this.#sends) return undefined;
    const { moment } = this.#plan;
    return moments[moment](() => this.#hit({ isAimed: true, moment }));
  }

  /** The server holds a question. */
  asks() {
    this.#comes();
    if (this.#step === "reconcile" && this.#plan.nth) this.#hit({ isAimed: true, moment: "when it asks stats" });
  }

  forget() {
    clearTimeout(this.#timer);
  }

  #comes() {
    if (this.#plan.from === "first request") this.#wait();
  }

  #wait() {
    const moment = this.#step === "send" ? "at any time while it sends" : "at any time while it reconciles";
    this.#timer ??= setTimeout(() => this.#hit({ isAimed: false, moment }), this.#plan.ms);
  }

  #hit(kill) {
    if (this.#child.kill("SIGKILL")) this.kill ??= kill;
  }
}
