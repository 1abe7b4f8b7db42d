// One POST through `fetch`, with all that a runtime and a caller's own `fetch` may do meanwhile.
import { ANY, connectionOfSend } from "./connection.js";
import { ABORTED, Deadline, reasonOf } from "./deadline.js";
import { evidence, isObject } from "./evidence.js";
import { runtimeOf } from "./runtime.js";

// What is known of a POST; src/js/host.rs reads it.
const ANSWERED = 0;
const NEVER_LEFT = 1;
const LOST = 2;
const TIMED_OUT = 3;
const ABORTED_BY_CALLER = 4;
const NOT_A_RESPONSE = 5;
const TOO_LARGE = 6;

// Bytes that a chunk counts for at least: a stream of tiny chunks that are all there would let no timer run.
const LEAST_CHUNK = 16;

// How deep the causes of an error are followed.
const DEPTH = 5;

/** @typedef {{ what: number, status?: number, body?: Uint8Array, retryAfter?: string, date?: string, causes?: [unknown] }} Outcome */

/** One POST. Its time runs from here on. */
export class Post {
  #fetch;
  #isOwn;
  #url;
  #body;
  #signal;
  #most;
  #deadline;
  #connection;
  #runtime;
  #evidence;
  #status;
  #reader;

  /**
   * @param {typeof globalThis.fetch | undefined} fetch the caller's own
   * @param {string} url
   * @param {Uint8Array} body JSON in UTF-8, in memory that is the caller's
   * @param {boolean} once whether it is a send, which nothing may post again
   * @param {number} most bytes of an answer
   * @param {number} timeout in ms
   * @param {AbortSignal | undefined} signal
   * @throws what timers and signals throw
   */
  constructor(fetch, url, body, once, most, timeout, signal) {
    const bytes = body.slice();
    this.#deadline = new Deadline(timeout, signal);
    this.#isOwn = fetch !== undefined;
    // The global one is looked up at each post, so that tools that patch it are seen, and only once, so that the one that is called is the
    // one that was recognised.
    this.#fetch = fetch ?? tried(() => globalThis.fetch);
    this.#url = url;
    this.#signal = signal;
    this.#most = most;
    // What a custom fetch did before it failed, nobody knows.
    this.#runtime = this.#isOwn ? undefined : runtimeOf(this.#fetch);
    // Node would make bytes of a string again, which takes a tenth of the whole post; whoever stands in for a runtime expects a string.
    this.#body = this.#runtime === "node" ? bytes : new TextDecoder().decode(bytes);
    this.#connection = once && !this.#isOwn ? connectionOfSend(this.#body) : ANY;
  }

  /**
   * Whether `fetch` is to get a whole request as its first argument: one that a tool put in the place of the runtime's may look at that alone.
   * Building one takes as long as posting it.
   */
  get wantsRequest() {
    return !this.#isOwn && this.#runtime === undefined;
  }

  /**
   * @param {Request | undefined} request
   * @param {string} headers names and values, each on a line of its own
   * @returns {Promise<Outcome>} never rejects
   */
  async send(request, headers) {
    this.#evidence = evidence(this.#runtime, this.#url, this.#connection.isNew);
    try {
      const exchange = this.#exchange(request, headers);
      await Promise.race([exchange, this.#deadline.promise]);
      // Once it came, nothing else counts, and nobody reads on.
      if (this.#deadline.came === 0) return this.#withheld(await exchange);
      this.#cancel();
      const aborted = this.#deadline.came === ABORTED;
      return {
        what: aborted ? ABORTED_BY_CALLER : TIMED_OUT,
        status: this.#status,
        causes: aborted ? [reasonOf(this.#signal)] : undefined,
      };
    } finally {
      this.#deadline.stop();
      this.#evidence.end();
      this.#connection.close();
    }
  }

  async #exchange(request, headers) {
    let response;
    try {
      response = await this.#call(request, headers);
    } catch (cause) {
      return { what: this.#evidence.neverLeft(cause) ? NEVER_LEFT : LOST, causes: [cause] };
    }
    // Nobody waits for it any more.
    if (this.#deadline.came !== 0) return undefined;
    const status = tried(() => response.status);
    if (!Number.isInteger(status) || status < 0 || status >= 1000) return { what: NOT_A_RESPONSE };
    this.#status = status;
    try {
      const body = await this.#read(response);
      const retryAfter = header(response, "retry-after");
      const date = retryAfter === undefined ? undefined : header(response, "date");
      return { what: ANSWERED, status, body, retryAfter, date };
    } catch (failure) {
      this.#cancel();
      return { ...failure, status };
    }
  }

  #call(request, headers) {
    // Everything, also beside a request that holds it already: what is absent here is taken from `Object.prototype`, which anybody may have
    // polluted, and a polyfilled signal would make the building of a request throw. Redirects are not followed: a redirected POST is a
    // second POST.
    const init = {
      method: "POST",
      headers: headersOf(headers),
      body: this.#body,
      signal: this.#deadline.signal(),
      redirect: "manual",
    };
    const { told } = this.#connection;
    const input = request ?? this.#url;
    // With `this` undefined, as everybody calls it.
    const fetch = this.#fetch;
    return fetch(input, told === undefined ? init : { ...init, ...told });
  }

  /** The whole body. A fake with only `text()` is enough. */
  async #read(response) {
    const stream = tried(() => response.body);
    const getReader = tried(() => stream.getReader);
    if (typeof getReader === "function") return this.#readStream(stream);
    if (typeof tried(() => response.text) !== "function") throw { what: NOT_A_RESPONSE };
    let text;
    try {
      text = await response.text();
    } catch (cause) {
      throw { what: LOST, causes: [cause] };
    }
    if (typeof text !== "string") throw { what: NOT_A_RESPONSE };
    // Before it is copied: a text has no fewer bytes than UTF-16 units.
    if (text.length > this.#most) throw { what: TOO_LARGE };
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > this.#most) throw { what: TOO_LARGE };
    return bytes;
  }

  /** Reads a stream and counts: a few kilobytes may unpack to gigabytes. */
  async #readStream(stream) {
    let read;
    try {
      this.#reader = stream.getReader();
      read = this.#reader.read;
    } catch (cause) {
      throw { what: NOT_A_RESPONSE, causes: [cause] };
    }
    if (typeof read !== "function") throw { what: NOT_A_RESPONSE };
    const chunks = [];
    let [left, length] = [this.#most, 0];
    for (;;) {
      let result;
      try {
        result = await this.#reader.read();
      } catch (cause) {
        throw { what: LOST, causes: [cause] };
      }
      // Nobody waits for it any more.
      if (this.#deadline.came !== 0) return undefined;
      if (tried(() => result.done)) break;
      const chunk = bytes(tried(() => result.value), left, this.#runtime === undefined);
      left -= Math.max(chunk.length, LEAST_CHUNK);
      if (left < 0) throw { what: TOO_LARGE };
      chunks.push(chunk);
      length += chunk.length;
    }
    if (chunks.length === 1) return chunks[0];
    const whole = new Uint8Array(length);
    let place = 0;
    for (const chunk of chunks) {
      whole.set(chunk, place);
      place += chunk.length;
    }
    return whole;
  }

  /** Tells the stream that nobody reads on. What comes of it is nobody's business. */
  #cancel() {
    try {
      // Twice: the inner one rejects where even looking at the promise throws.
      Promise.allSettled([Promise.allSettled([this.#reader?.cancel()])]);
    } catch {}
  }

  /**
   * Takes the bytes of the answer out of an error of Node's `fetch`: its parser shows what it could not read, which may hold numbers and
   * texts.
   */
  #withheld(outcome) {
    let error = this.#isOwn ? undefined : outcome.causes?.[0];
    for (let depth = 0; depth < DEPTH && isObject(error); depth++) {
      const seen = error;
      try {
        // What cannot be deleted stays.
        if (seen.name === "HTTPParserError") Reflect.deleteProperty(seen, "data");
      } catch {}
      error = tried(() => seen.cause);
    }
    return outcome;
  }
}

let knownLines;
let knownHeaders;

/** An object of names and values; most posts have those of the one before. */
function headersOf(lines) {
  if (lines !== knownLines) {
    const words = lines.split("\n");
    const entries = [];
    for (let i = 1; i < words.length; i += 2) entries.push([words[i - 1], words[i]]);
    knownHeaders = Object.fromEntries(entries);
    knownLines = lines;
  }
  // Who gets it may change it.
  return { ...knownHeaders };
}

/** The bytes of a chunk, of any realm's class; a copy where they are a fake's, which may fill the same buffer again. */
function bytes(chunk, most, isFake) {
  let isBytes;
  let length;
  try {
    // Only a typed array can say that of itself.
    isBytes = ArrayBuffer.isView(chunk) && chunk[Symbol.toStringTag] === "Uint8Array";
    if (isBytes) length = chunk.byteLength;
    if (isBytes && length <= most) return isFake ? new Uint8Array(chunk) : chunk;
  } catch (cause) {
    throw { what: NOT_A_RESPONSE, causes: [cause] };
  }
  throw { what: isBytes ? TOO_LARGE : NOT_A_RESPONSE };
}

/** What a property of an answer is, or undefined where looking throws. With a name in a variable, each look would be a search. */
function tried(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** A header, where there are headers. */
function header(response, name) {
  const headers = tried(() => response.headers);
  try {
    const value = headers.get(name);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
