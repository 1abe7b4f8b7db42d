import { CrmError } from "./error.js";
import { readIssue, Tape } from "./report.js";
import { readRows } from "./rows.js";

/**
 * What `sendAll` gives, or nothing where `source` is no source of messages. Nothing is read from it yet.
 *
 * @param {unknown} source
 * @param {{ start(desk: Desk): Promise<object> }} run sends what the desk gives, and resolves to the report's totals
 * @param {number} window rows that may be held at once: read from the source, their outcomes not consumed
 * @param {AbortSignal | undefined} signal
 */
export function openCampaign(source, run, window, signal) {
  const open = opener(source);
  return open && new Campaign(new Desk(open, run, window, signal));
}

class Campaign {
  #desk;

  constructor(desk) {
    this.#desk = desk;
  }

  [Symbol.asyncIterator]() {
    return this.#desk.iterate();
  }

  report() {
    return this.#desk.report();
  }
}

// Rows of a batch, as many as are read ahead.
const BATCH = 50;

// So long, in ms, the event loop may have to wait for a source that never waits itself.
const BREATH = 100;

// How far the source is: the numbers that src/js/campaign.rs knows.
const MORE = 0;
const DONE = 1;
const FAILED = 2;

/**
 * Between a source, the wasm that sends, and whoever reads the outcomes. It holds the caller's own rows and keeps the
 * protocols; it decides nothing.
 */
class Desk {
  #open;
  #run;
  #window;
  #signal;

  /** The opened source. */
  #source;
  #state = MORE;
  #thrown;
  #reading = false;
  /** Rows that were read and not taken. */
  #rows = [];
  /** Rows that were taken and have no outcome. */
  #taken = new Fifo();
  #index = 0;

  /** Outcomes that nobody has consumed. */
  #outcomes = new Fifo();
  /** Of those that were asked for before they were there. */
  #asked = new Fifo();
  #failures = [];
  /** `iterate` was called; the outcomes are kept for its caller. */
  #iterated = false;
  /** Nobody wants the outcomes one by one, so none are kept. */
  #drained = false;
  /** Nobody holds back the sending: its reader left, or waits for the report. */
  #unbounded = false;

  #waiting;
  #closed;
  #close;
  #report;
  #over = false;
  /** What the next `next()` rejects with. */
  #failure;
  #breath = Date.now();

  constructor(open, run, window, signal) {
    this.#open = open;
    this.#run = run;
    this.#window = window;
    this.#signal = signal;
  }

  // For the caller.

  iterate() {
    if (this.#iterated || this.#drained) {
      const message = this.#iterated
        ? "sendAll: a campaign is iterated once"
        : "sendAll: report() was asked first, so the outcomes were not kept: iterate before it";
      throw new CrmError(message, {
        kind: "invalid",
        issues: [{ severity: "error", field: "batch", reason: "bad-option", message }],
      });
    }
    this.#iterated = true;
    return {
      next: () => this.#next(),
      return: (value) => this.#leave().then(() => ({ done: true, value })),
      throw: (error) =>
        this.#leave().then(() => {
          throw error;
        }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  report() {
    this.#drained ||= !this.#iterated;
    this.#unbounded = true;
    this.#start();
    this.#wake();
    return this.#report;
  }

  #next() {
    this.#start();
    if (this.#outcomes.length > 0) {
      const value = this.#outcomes.shift();
      this.#wake();
      return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      if (this.#over) this.#answer();
    });
  }

  #leave() {
    this.#drained = true;
    this.#unbounded = true;
    this.#outcomes = new Fifo();
    this.#start();
    this.#stopReading();
    this.#close();
    this.#wake();
    return this.#report.then(
      () => {},
      () => {},
    );
  }

  #start() {
    if (this.#report !== undefined) return;
    this.#closed = new Promise((resolve) => (this.#close = resolve));
    const onAbort = () => {
      // An array is read to its end: it can't keep anybody waiting.
      if (this.#source.total === undefined) this.#stopReading();
      this.#close();
      this.#wake();
    };
    try {
      this.#source = this.#open();
    } catch (error) {
      this.#source = {};
      this.#fail(error);
    }
    try {
      this.#signal?.addEventListener("abort", onAbort);
      if (this.#signal?.aborted) onAbort();
    } catch {
      // One that can't be listened to can't abort anything either.
    }
    const run = this.#run;
    this.#report = new Promise((resolve) => resolve(run.start(this))).then(
      (totals) => {
        this.#failure = this.#thrown;
        return { ...totals, failures: this.#failures };
      },
      (error) => {
        this.#failure = { error };
        throw error;
      },
    );
    const end = () => {
      this.#over = true;
      this.#stopReading();
      try {
        this.#signal?.removeEventListener("abort", onAbort);
      } catch {
        // It stays, and does nothing any more.
      }
      this.#answer();
    };
    this.#report.then(end, end);
  }

  /** Tells those who wait for outcomes that there are no more. */
  #answer() {
    while (this.#asked.length > 0) {
      const { resolve, reject } = this.#asked.shift();
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure === undefined) resolve({ done: true, value: undefined });
      else reject(failure.error);
    }
  }

  // For the wasm. Nothing here throws.

  /** Waits until so many rows can be taken, or the last ones; gives nothing where they can be taken now. */
  ready(least) {
    this.#read();
    if (this.#isReady(least)) {
      const now = Date.now();
      if (now >= this.#breath && now - this.#breath < BREATH) return undefined;
      this.#breath = now;
      return new Promise((resolve) => setTimeout(resolve));
    }
    return new Promise((resolve) => (this.#waiting = { least, resolve }));
  }

  count() {
    return Math.min(this.#rows.length, this.#room());
  }

  /** Rows as `readRows` gives them. */
  take(most) {
    const rows = this.#rows.splice(0, Math.min(most, this.count()));
    for (const row of rows) this.#taken.push(row);
    return readRows(rows, 0, rows.length);
  }

  end() {
    return this.#rows.length > 0 ? MORE : this.#state;
  }

  total() {
    return this.#source.total;
  }

  closed() {
    return this.#closed;
  }

  put(numbers, strings, errors) {
    const tape = new Tape(numbers, strings);
    tape.list(() => {
      const outcome = { index: this.#index++, message: this.#taken.shift(), status: tape.word() };
      if (tape.flag()) outcome.code = tape.string();
      const issues = tape.list(readIssue);
      if (issues.length > 0) outcome.issues = issues;
      if (tape.flag()) outcome.error = errors[tape.number()];
      if (outcome.status !== "sent") this.#failures.push(outcome);
      if (this.#asked.length > 0) this.#asked.shift().resolve({ done: false, value: outcome });
      else if (!this.#drained) this.#outcomes.push(outcome);
    });
    this.#wake();
  }

  // The source.

  #room() {
    if (this.#unbounded) return Infinity;
    return this.#window - this.#taken.length - this.#outcomes.length;
  }

  #isReady(least) {
    return this.count() >= least || (this.#state !== MORE && this.#rows.length <= this.#room());
  }

  #wake() {
    if (this.#waiting === undefined) return;
    this.#read();
    if (!this.#isReady(this.#waiting.least)) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  /** Reads a batch ahead. */
  #read() {
    while (this.#state === MORE && !this.#reading && this.#rows.length < BATCH) {
      let step;
      try {
        step = this.#source.next();
        if (this.#source.waits) {
          this.#reading = true;
          Promise.resolve(step).then(
            (step) => this.#came(step),
            (error) => this.#fail(error),
          );
          return;
        }
      } catch (error) {
        return this.#fail(error);
      }
      this.#keep(step);
    }
  }

  #came(step) {
    this.#reading = false;
    this.#keep(step);
    this.#read();
    this.#wake();
  }

  #keep(step) {
    // What comes after the end was read by nobody.
    if (this.#state !== MORE) return;
    try {
      if (Object(step) !== step) throw new TypeError("The iterator gave no object.");
      if (step.done) this.#state = DONE;
      else this.#rows.push(step.value);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    if (this.#state !== MORE) return;
    this.#state = FAILED;
    this.#thrown = { error };
    this.#wake();
  }

  /** The source may let go of what it holds. */
  #stopReading() {
    if (this.#state !== MORE) return;
    this.#state = DONE;
    try {
      // Nobody waits for it: behind a read that never ends it would never come.
      Promise.resolve(this.#source.return?.()).catch(() => {});
    } catch {
      // Whatever it says, nothing more is read.
    }
  }
}

/** A function that begins to read a source; nothing where it is none. */
function opener(source) {
  if (Array.isArray(source)) return () => arrayReader(source);
  if (Object(source) !== source) return undefined;
  if (typeof source[Symbol.asyncIterator] === "function") {
    return () => iteratorReader(source[Symbol.asyncIterator](), true);
  }
  if (typeof source[Symbol.iterator] === "function") return () => iteratorReader(source[Symbol.iterator](), false);
  // A web stream where the runtime can't iterate it.
  if (typeof source.getReader === "function") return () => streamReader(source.getReader());
  return undefined;
}

function arrayReader(array) {
  const total = array.length;
  let index = 0;
  return {
    total,
    next: () => (index < total ? { done: false, value: array[index++] } : { done: true }),
  };
}

function iteratorReader(iterator, waits) {
  return { waits, next: () => iterator.next(), return: () => iterator.return?.() };
}

function streamReader(reader) {
  return { waits: true, next: () => reader.read(), return: () => reader.cancel() };
}

class Fifo {
  #items = [];
  #first = 0;

  get length() {
    return this.#items.length - this.#first;
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first === this.#items.length || this.#first === 1024) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }
}
