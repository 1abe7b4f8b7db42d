// What a call waits for at most: a timer and the caller's signal, whichever comes first. Every member of a signal may throw, as a
// polyfill may stand in its place.

// Why a deadline came.
const TIMEOUT = 1;
export const ABORTED = 2;

/** Whether a signal is aborted already. */
export function isAborted(signal) {
  try {
    return Boolean(signal.aborted);
  } catch {
    return false;
  }
}

/** What a signal was aborted with. */
export function reasonOf(signal) {
  try {
    return signal.reason;
  } catch {
    return undefined;
  }
}

/** A timer and a signal that are listened to until `stop`. */
export class Deadline {
  /** 0, or why it came. */
  came = 0;
  /** Resolves when it comes, never rejects. */
  promise;
  #resolve;
  #signal;
  #controller;
  #timer;
  #listener;

  /**
   * @param {number} ms
   * @param {AbortSignal} [signal] the caller's own, of whatever class
   * @throws what timers and signals throw
   */
  constructor(ms, signal) {
    this.promise = new Promise((resolve) => (this.#resolve = resolve));
    // Looked up at each call, so that fake timers of test runners are seen.
    this.#timer = setTimeout(() => this.#come(TIMEOUT), ms);
    if (signal === undefined) return;
    this.#signal = signal;
    this.#listener = () => this.#come(ABORTED);
    try {
      signal.addEventListener("abort", this.#listener);
    } catch (error) {
      this.stop();
      throw error;
    }
    // Who listens to a signal that is aborted already hears nothing any more.
    if (isAborted(signal)) this.#come(ABORTED);
  }

  #come(why) {
    if (this.came !== 0) return;
    this.came = why;
    this.#resolve();
    try {
      // Whether a request stops or not, nobody waits for it any more.
      this.#controller?.abort(why === ABORTED ? reasonOf(this.#signal) : undefined);
    } catch {}
  }

  /** A signal of the runtime's own that tells `fetch`, if the runtime has any. */
  signal() {
    try {
      this.#controller = new AbortController();
      // It came already.
      if (this.came !== 0) this.#controller.abort(reasonOf(this.#signal));
      return this.#controller.signal;
    } catch {
      return undefined;
    }
  }

  /** Of a promise, or of what is none, what it gives in time; nothing where it is late. */
  race(promise) {
    return Promise.race([promise, this.promise]);
  }

  stop() {
    try {
      clearTimeout(this.#timer);
    } catch {}
    try {
      this.#signal?.removeEventListener("abort", this.#listener);
    } catch {}
  }
}

/**
 * Lets any number of calls listen to one signal. Node before 22 has a limit of ten for signals too, and warns of a leak beyond it; its
 * own `fetch` lifts it for each signal that it is given.
 */
export function letManyListen(signal) {
  try {
    const events = process.getBuiltinModule("node:events");
    // One that its owner has set stays.
    if (events.getMaxListeners(signal) === events.defaultMaxListeners) events.setMaxListeners(0, signal);
  } catch {
    // Another runtime, or the signal is no `EventTarget`.
  }
}
