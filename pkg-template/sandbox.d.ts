/**
 * The PayDunya CRM SMS API in memory: a test double for your own tests. It behaves as the API document says, sends nothing
 * and costs nothing.
 *
 * @example
 * const sandbox = new Sandbox({ faults: [{ on: "send", nth: 1, fault: "reset-after" }] });
 * const crm = new CrmClient({
 *   userKey: "user-key", secretKey: "secret-key", appKey: "app-key",
 *   sender: "MaBoutique", fetch: sandbox.fetch,
 * });
 * await crm.send({ to: "+221776665544", text: "Bonjour" }).catch((error) => error.delivery); // "unknown"
 * sandbox.sent.length; // 1: it was accepted, only the answer was lost
 */
export class Sandbox {
  /** @throws {TypeError} for an option that is unknown or not of its type; the message names it and never holds a value. */
  constructor(options?: SandboxOptions);

  /**
   * What a client takes as its `fetch`; it needs no `this`. Any host and any base path are taken: the end of the path says
   * which call it is. Nothing goes to the network.
   *
   * Rejects as Node's `fetch` does: with the signal's reason, or with `TypeError: fetch failed` whose `cause.code` is
   * `"ECONNRESET"`. An abort after the request was made does not take an SMS back.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

  /** The SMS that were accepted, oldest first. A list in your hand does not change: read it again. */
  readonly sent: readonly SandboxSms[];

  /** The requests that came, oldest first, without keys, texts and numbers. A list in your hand does not change. */
  readonly requests: readonly SandboxRequest[];

  /** SMS segments that can still be sent; `Infinity` without the option `balance`. */
  readonly balance: number;

  /** Logs every token out that was given out so far: they get `ERROR_124`. The next login gives a good one. */
  logout(): void;

  /** Forgets tokens, SMS and requests; the balance and the counts of the faults start again. The options stay. */
  reset(): void;

  /**
   * What `fetch` is made of, for a server of your own: what the API answers, and how its answer gets lost. The request is
   * processed at once, at the time that `Date.now()` gives.
   */
  answer(request: {
    /** In capitals. */
    method: string;
    /** Without the query. */
    path: string;
    /** By lower-case name; `authorization` and `content-type` are read. */
    headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
    body?: string;
  }): SandboxAnswer;
}

export interface SandboxOptions {
  /** Default `"user-key"`. Another in a login is ERROR_118. */
  userKey?: string;
  /** Default `"secret-key"`. Another in a login is ERROR_117. */
  secretKey?: string;
  /** Default `"app-key"`. Another in a request is ERROR_107. */
  appKey?: string;
  /** SMS segments that can be sent; default unlimited. A batch that costs more than is left is refused whole: ERROR_102. */
  balance?: number;
  /** Seconds until a token gets ERROR_121; default 3600. The clock is `Date.now()`. */
  tokenLifetime?: number;
  /** Whether a login logs the older tokens out (they get ERROR_124); default false. */
  singleToken?: boolean;
  /** The senders of the account; another becomes `SMS-TEST`. Default: every well-formed one is the account's. */
  senders?: readonly string[];
  /** SMS segments, 1 to 255; a longer text gets ERROR_113. Default 255. */
  maxSegments?: number;
  /** Milliseconds before each answer; the request is processed before them. Default 0. */
  latency?: number;
  /** What goes wrong; default nothing. The first one that fits a request wins. */
  faults?: readonly SandboxFault[];
}

/** Which requests go wrong, and how. Without `nth` and `times` it is every one of the call. */
export type SandboxFault = {
  /** The call; `"any"` counts the requests of all three together. */
  on: "login" | "send" | "stats" | "any";
  /** The first request that is struck, counted per call from 1. Without `times` it is the only one. */
  nth?: number;
  /** How many requests are struck, one after the other. */
  times?: number;
} & (
  | {
      /**
       * - `"reset-before"`: the connection is reset, nothing was processed
       * - `"reset-after"`: the request was processed, then the connection is reset
       * - `"hang"`: no answer, nothing was processed
       * - `"hang-after"`: the request was processed, but no answer comes
       * - `"half"`: the request was processed; half of the answer comes, then a reset
       * - `"half-hang"`: the request was processed; half of the answer comes, then nothing
       */
      fault: "reset-before" | "reset-after" | "hang" | "hang-after" | "half" | "half-hang";
    }
  | {
      /** The request is processed, and the right answer comes later. */
      fault: "slow";
      /** Milliseconds more than the option `latency`. */
      latency: number;
    }
  | (InsteadOfAnswer & {
      /** An answer that is not JSON, or a page as proxies give. */
      fault: "garbage" | "html";
      /** HTTP, 200 to 599; default 200. */
      status?: number;
      /** Default: the beginning of an envelope, or a page that says Maintenance. */
      body?: string;
    })
  | (InsteadOfAnswer & {
      /** An answer without a body. */
      fault: "empty";
      /** HTTP, 200 to 599; default 200. */
      status?: number;
    })
  | (InsteadOfAnswer & {
      /** An HTTP status without the API's envelope. */
      fault: "status";
      /** HTTP, 200 to 599. */
      status: number;
      /** Default empty. */
      body?: string;
    })
  | (InsteadOfAnswer & {
      /** The API's envelope with a code. */
      fault: "code";
      /** `ERROR_101` to `ERROR_124`; another number is a code that is not documented. */
      code: `ERROR_${number}`;
      /** HTTP, 200 to 599; default the one that the sandbox gives to this code. */
      status?: number;
    })
);

interface InsteadOfAnswer {
  /** Whether the API does its work all the same; default false: it never saw the request. */
  processed?: boolean;
  /** The header Retry-After: seconds, or a date as HTTP writes it. */
  retryAfter?: number | string;
}

/** An SMS that was accepted. */
export interface SandboxSms {
  /** `SMS-000001` for the first. */
  readonly code: string;
  /** As displayed: `SMS-TEST` where the sender asked for is not among the option `senders`. */
  readonly from: string;
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** What it cost of the balance. */
  readonly segments: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

/** A request that came. */
export interface SandboxRequest {
  /** `null`: none of the three paths, or not a POST. */
  readonly call: "login" | "send" | "stats" | null;
  /** HTTP, of the answer; `null` where none arrives. */
  readonly status: number | null;
  /** The `code` of the answer, `"00"` or `"ERROR_…"`, where it has one and arrives whole. */
  readonly code: string | null;
  /** SMS that it added to `sent`. */
  readonly accepted: number;
  /** The fault that struck it. */
  readonly fault: SandboxFault["fault"] | null;
  /** Why it was refused: the rule and the index of the message, as in the header `sandbox-reason`. */
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What `Sandbox.answer` gives. */
export interface SandboxAnswer {
  /** HTTP. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds to wait before any of it is sent. */
  readonly latency: number;
  /**
   * How it gets lost on its way; absent where it arrives.
   * - `"reset"`: the connection is reset before the first byte
   * - `"hang"`: not a byte comes
   * - `"half"`: status, headers and half of the body, then a reset
   * - `"half-hang"`: status, headers and half of the body, then nothing
   */
  readonly lost?: "reset" | "hang" | "half" | "half-hang";
}

export {};
