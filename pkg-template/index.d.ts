/**
 * A client of the PayDunya CRM SMS API: every message is checked before the network, none is sent twice.
 * This is a community client, not an official PayDunya product.
 *
 * @module
 */

/**
 * A client of one SMS account. Make one and keep it: it holds the token that its calls share.
 *
 * @example
 * const crm = new CrmClient({ userKey, secretKey, appKey, sender: "MaBoutique", defaultCountry: "SN" });
 * const receipt = await crm.send([{ to: "77 666 55 44", text: "Votre commande est prête." }]);
 */
export class CrmClient {
  /**
   * Nothing is sent yet. Missing keys are no fault here: a client without keys can `check`.
   *
   * @throws {CrmError} kind `invalid`, with an issue for each unknown or ill-typed option
   */
  constructor(options?: CrmClientOptions);

  /**
   * Gets a token from the API. `send` and `stats` do this by themselves; call it to try the keys.
   * Always posts, unless a login is under way: then it takes that one's result.
   *
   * @throws {CrmError} (as a rejection) kind `credentials` where the API refuses the keys
   */
  login(options?: CallOptions): Promise<Token>;

  /**
   * Sends 1 to 50 messages in one POST. Every message is checked first; one fault, and none is sent.
   * Resolves only when the API accepted at least one: see {@link SentSms.status} and {@link SendReceipt.unknown}.
   * It is posted again only where the POST before surely did nothing: after HTTP 429, where no connection could be made,
   * and once where the API refused the token. After a lost connection, a timeout or a 5xx it is not.
   *
   * @throws {CrmError} (as a rejection) `delivery` says whether anything can have been sent: sending again is safe
   * after `"not-sent"`; after `"unknown"` ask `stats` first
   */
  send(messages: Message | readonly Message[], options?: CallOptions): Promise<SendReceipt>;

  /**
   * What was sent to some receivers. More than 50 receivers are asked in several POSTs, one after the other.
   *
   * @throws {CrmError} as a rejection
   */
  stats(query: StatsQuery, options?: CallOptions): Promise<Stats>;

  /**
   * Sends any number of messages, in batches of up to 50, and tells of each what became of it, in the order of the
   * source. Each is checked first; one that is invalid is never sent, and doesn't stop the others. The memory does not
   * grow with their number: the source is read, and messages are sent, as fast as you take the outcomes.
   *
   * It starts at the first `next()` or `report()`. It stops by itself where going on would be wrong: see
   * {@link CampaignReport.stoppedBecause}. Messages with the same number and text are sent one after the other.
   *
   * @example
   * for await (const { message, status, code } of crm.sendAll(customers)) await save(message.id, status, code);
   *
   * @param messages an array, a generator, or anything else that can be iterated: Node's and the web's streams too
   * @throws {CrmError} kind `invalid`, where `messages` can't be iterated or the options are wrong. A client without
   * keys rejects at the first `next()`, or in `report()`, and so does a source that throws, at its end
   */
  sendAll<M extends Message>(
    messages:
      | Iterable<M>
      | AsyncIterable<M>
      | { getReader(): { read(): Promise<{ done: boolean; value?: M | undefined }>; cancel(): Promise<void> } },
    options?: SendAllOptions,
  ): Campaign<M>;

  /**
   * Asks `stats` what became of the messages of a journal of which nobody knows, and writes down those that it finds as
   * `sent`; the next `sendAll` with this journal tells so. Those that it does not find are held: not found is no proof.
   *
   * @throws {CrmError} as `stats`; and kind `invalid` where the journal is damaged or in use. What was settled before
   * stays settled, and calling it again goes on
   */
  reconcile(journal: Journal, options?: ReconcileOptions): Promise<ReconcileReport>;

  /**
   * Judges up to 1,000,000 messages, synchronously, without network or keys: the same judgement that `send` uses.
   *
   * @throws {CrmError} kind `invalid`, where `messages` is neither a message nor an array, or one of more than 1,000,000
   */
  check(messages: Message | readonly Message[]): CheckReport;

  /**
   * Gives the client's memory back. Calls in flight settle first; later ones reject with kind `invalid`. Calling it
   * twice does nothing. Also `client[Symbol.dispose]()`, where the runtime has it.
   */
  free(): void;
}

/** All optional; a name that is not listed here is refused. */
export interface CrmClientOptions {
  /** The User Key of the SMS account; needed by `login`, `send` and `stats`. Visible ASCII only. */
  userKey?: string | undefined;
  /** The Secret Key of the SMS account; needed by `login`, `send` and `stats`. Visible ASCII only. */
  secretKey?: string | undefined;
  /** The Application Key of the SMS account; needed by `send` and `stats`. Visible ASCII only. */
  appKey?: string | undefined;
  /**
   * The sender of messages that name none in `from`, as it is configured for the account: up to 11 ASCII characters, or
   * up to 15 digits. The API replaces one it doesn't know by `SMS-TEST`; the receipt then warns `sender-replaced`.
   */
  sender?: string | undefined;
  /**
   * ISO 3166 alpha-2 in capitals, as `"SN"`: how numbers without `+` are read. There is no default and nothing is guessed:
   * without it, national numbers are refused.
   */
  defaultCountry?: string | undefined;
  /**
   * What becomes of a number whose calling code and length are right, but whose range is not known to take SMS:
   * nothing (`"length"`), an issue of severity warning (`"warn"`, the default: numbering plans change faster than
   * any table), or refusal (`"strict"`).
   */
  phoneCheck?: "length" | "warn" | "strict" | undefined;
  /**
   * Rewrites texts so that they fit GSM-7, which is cheaper: not at all (`"off"`, the default), only quotes, dashes,
   * dots and spaces (`"typographic"`), or accents too, which changes the spelling: ê becomes e (`"strip-accents"`).
   * A text is rewritten only where that makes the whole of it GSM-7; a warning `rewritten` says so.
   */
  smartEncoding?: "off" | "typographic" | "strip-accents" | undefined;
  /** Longer texts are refused: 1 to 255 segments, 255 by default (3GPP TS 23.040). */
  maxSegments?: number | undefined;
  /** `https://crm.paydunya.com/api/v1` by default; http only to `localhost`, `127.0.0.1` or `[::1]`. */
  baseUrl?: string | undefined;
  /** Milliseconds for each attempt, headers and body: 1 to 2147483647, 30000 by default. */
  timeout?: number | undefined;
  /**
   * How often each POST is repeated, where repeating it cannot text anybody twice: 0 to 10, 2 by default. A login that
   * comes first is repeated as often on its own account. 0 leaves only the one renewal of a token that the API refused.
   *
   * `login` and `stats` are repeated after HTTP 429 and 5xx, code 116, a lost connection and a timeout; `send` only
   * after HTTP 429 and where no connection could be made. The waits begin at 0.5 s and double up to 8 s, half of each
   * left to chance; `Retry-After` of up to 60 s is obeyed, a longer one ends the call at once: see {@link CrmError.retryAfter}.
   */
  maxRetries?: number | undefined;
  /**
   * Called in the place of the global `fetch`, with `this` undefined: one of undici, say, or one that your tests make
   * of `status` and `text()` alone. Where it fails nobody can say whether a message left: `delivery` is `"unknown"`.
   */
  fetch?: ((url: string, init: FetchInit) => FetchAnswer | PromiseLike<FetchAnswer>) | undefined;
  /**
   * Where tokens outlive this process, or are shared by several: a file, a key-value store, a database. Whatever it does,
   * no call fails for it. See {@link TokenStore}.
   */
  tokenStore?: TokenStore | undefined;
  /**
   * Called at each POST, each whole answer and each repeat, those of logins too: for a log or a meter. It is called
   * synchronously, with `this` undefined; what it throws or rejects with is dropped.
   */
  onEvent?: ((event: CrmEvent) => unknown) | undefined;
  /**
   * In a page or a worker of a browser the keys are refused unless this is true: whoever opens the page can read them and
   * send at your cost. Without keys `check` works there, and so do `parsePhone` and `measureText`. Elsewhere it does nothing.
   */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/**
 * What a client does. No key, token, text or phone number is ever in it, so it may be logged as it is. Attempts are
 * counted from 1 within a call, those of a login apart. After a `request` comes a `response`, where a whole answer came; then
 * a `retry`, or the call settles.
 */
export type CrmEvent =
  | {
      /** A POST is about to leave. */
      type: "request";
      call: "login" | "send" | "stats";
      attempt: number;
      /** Of a send: how many. */
      messages?: number;
    }
  | {
      /** A whole answer came. */
      type: "response";
      call: "login" | "send" | "stats";
      attempt: number;
      /** HTTP. */
      status: number;
      /** The API's, where the answer has one: a login that succeeds has none. */
      code?: "00" | ErrorCode;
      /** Milliseconds since the request. */
      ms: number;
    }
  | {
      /** An attempt failed, and another follows. */
      type: "retry";
      call: "login" | "send" | "stats";
      /** The one that failed. */
      attempt: number;
      /** Milliseconds until the next one. */
      inMs: number;
      /**
       * `no connection could be made`, `the connection broke`, `no whole answer in time`, `too many requests`,
       * `the token was refused` or `the server failed`. A new version may bring new words.
       */
      because: string;
    };

/**
 * A store of tokens of your own. Its methods may be those of a class: they are called on the object, and read once, when
 * the client is made. Each is waited for a tenth of `timeout` at most; what throws, rejects or hangs is as none.
 *
 * A token is as secret as the keys: keep it where you keep those.
 */
export interface TokenStore {
  /**
   * Asked before a login, and once more when the API refused a token, as another process may have brought a newer one.
   * Give what `set` got, as an object and not as JSON. What is no {@link Token}, ends within a minute, or was refused
   * already is as none: then the client logs in.
   */
  get(): Token | null | undefined | PromiseLike<Token | null | undefined>;
  /** Called after each login. */
  set(token: Token): unknown;
}

/** What a `fetch` of your own gets beside the URL. It fits the `RequestInit` of every runtime. */
export interface FetchInit {
  method: "POST";
  headers: Record<string, string>;
  /** JSON. */
  body: string;
  /** Aborted when the time is up, or when the call's own signal is. */
  signal: AbortSignal;
  /** A redirect that is followed is a second POST. */
  redirect: "manual";
}

/** What a `fetch` of your own must give: any `Response`, or a fake with `status` and `text()`. At most 1 MiB is read. */
export interface FetchAnswer {
  /** HTTP. */
  readonly status: number;
  /** The body; not called where `body` is a stream, which is read instead. */
  text(): string | PromiseLike<string>;
  /** Asked for Retry-After, and then for Date. */
  readonly headers?: { get(name: string): string | null | undefined };
}

/** What one call may be told. */
export interface CallOptions {
  /** Aborts the call; its reason becomes the error's `cause`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for each attempt of this call, in the place of the client's own: 1 to 2147483647. */
  timeout?: number | undefined;
  /** Repeats of each POST of this call, in the place of the client's own: 0 to 10. */
  maxRetries?: number | undefined;
}

/** What a {@link CrmClient.sendAll} may be told. `signal`, `timeout` and `maxRetries` are those of each of its POSTs. */
export interface SendAllOptions extends CallOptions {
  /** POSTs in flight at once: 1 to 100, 4 by default. The first goes alone. */
  concurrency?: number | undefined;
  /**
   * Messages that may leave in any second, a whole number from 1. No limit by default. What a POST repeats, after
   * HTTP 429 say, is not counted twice.
   */
  ratePerSecond?: number | undefined;
  /**
   * Where the campaign writes what it is about to do and what became of it, so that another run with the same messages
   * and the same journal goes on where this one ended or was killed: nothing is sent twice, and nothing is lost. The
   * outcomes of what was settled before come again, without being sent.
   *
   * A message is the same by its `id`, which names one alone; without it, by its place, number and text. Where the source
   * contradicts the journal, the campaign rejects with kind `invalid` before it sends anything.
   */
  journal?: Journal | undefined;
  /** Called at most ten times a second, and at the end. What it throws is disregarded. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * What `sendAll` gives: the outcomes, to be iterated once. Leaving the loop stops the sending, and waits until the POSTs
 * in flight have settled. Without a loop, `report()` alone sends everything.
 */
export interface Campaign<M> extends AsyncIterable<Outcome<M>> {
  /** Begins to send, and gives an iterator; throws a {@link CrmError} at a second time, and after `report()` alone. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Outcome<M>>;
  /**
   * The totals and the failures, when all is done. It rejects only for misuse, as a client without keys; what became
   * of messages is never an error here. Called in the middle of a loop it lets the sending run ahead of the loop.
   */
  report(): Promise<CampaignReport<M>>;
}

/** What became of one message. */
export interface Outcome<M> {
  /** Its place in the source, from 0. */
  index: number;
  /** The very object that you gave. */
  message: M;
  /**
   * - `sent`: the API accepted it
   * - `invalid`: it may not be sent, and was not; `issues` say why
   * - `refused`: the API refused it, with `code`
   * - `not-sent`: nobody took it, as `error` says, so sending it again is safe; or it has an issue `duplicate`, because
   *   one with the same number and text may have been sent
   * - `unknown`: it may have been sent; ask `stats` before sending it again
   * - `skipped`: the campaign stopped before it, as `error` says; sending it again is safe
   */
  status: "sent" | "invalid" | "refused" | "not-sent" | "unknown" | "skipped";
  /** Of one that was sent, its identity, which `stats` gives again; of one that was refused, the API's code. */
  code?: string;
  /** Its faults, and its doubts; `index` is that of the outcome. */
  issues?: Issue[];
  /** Why it was not sent, or is unknown; messages of one POST share one. */
  error?: CrmError;
}

/** What became of all messages, counted. */
export interface CampaignReport<M> {
  /** Messages that have an outcome: the sum of the others. */
  total: number;
  sent: number;
  invalid: number;
  refused: number;
  notSent: number;
  unknown: number;
  skipped: number;
  /** SMS segments of those that were sent; an estimate. */
  segments: number;
  /** The outcomes of all that were not `sent`, in the order of the source. They are what makes the memory grow. */
  failures: Outcome<M>[];
  /**
   * Why it stopped before its end, if it did; the rest is `skipped`.
   *
   * - `balance`: the account has no money left (code 102)
   * - `credentials`: the API refuses the keys
   * - `redirect`: the API's address redirects, and redirects are never followed
   * - `outage`: two batches in a row had no answer, and neither had a single message that was tried then
   * - `aborted`: your signal was aborted. An array is still read to its end, another source is not
   * - `closed`: the loop was left
   * - `source`: the source threw; what it gave before was sent
   * - `journal`: what was about to be sent could not be written down
   */
  stoppedBecause?:
    | "balance"
    | "credentials"
    | "redirect"
    | "outage"
    | "aborted"
    | "closed"
    | "source"
    | "journal";
}

/**
 * Where a campaign writes what it does: a file (`FileJournal` of `paydunya-crm/node`), or a table of your own. The lines
 * are this package's: they hold indexes, `id`s, numbers and codes, but of texts only a hash.
 */
export interface Journal {
  /**
   * Appends a line, which has no line end behind it and may have one before it. It resolves when the line is durable,
   * and no message leaves before; when it rejects, the campaign stops.
   */
  append(line: string): Promise<void>;
  /** All lines in the order in which they were appended. A line that was never durable may be missing, or torn. */
  read(): AsyncIterable<string> | Iterable<string>;
}

/** What a {@link CrmClient.reconcile} may be told. */
export interface ReconcileOptions extends CallOptions {
  /**
   * Milliseconds: messages younger than that are held without asking, because the API may not know them yet. 15 minutes by
   * default. With `requeue`, a time that is too short sends messages twice.
   */
  settle?: number | undefined;
  /** Messages that the stats don't know may be sent again by the next `sendAll`: your own decision. `false` by default. */
  requeue?: boolean | undefined;
}

/** What a {@link CrmClient.reconcile} did. */
export interface ReconcileReport {
  /** Messages that the stats were asked for. */
  asked: number;
  /** Of these, found: they were sent. */
  sent: number;
  /** Messages of which nobody knows what became, still. */
  held: number;
}

/** How far a campaign got. */
export interface Progress {
  /** Messages that have an outcome. */
  done: number;
  /** Of an array: how many there are. */
  total?: number;
  /** Accepted by the API. */
  sent: number;
  /** Invalid, refused or not sent. */
  failed: number;
  /** May have been sent. */
  unknown: number;
  /** Outcomes in a second, since the start. */
  perSecond: number;
  /** At that pace, where the total is known. */
  secondsLeft?: number;
}

/** A message; other fields of the object are ignored, and getters of a class are read. */
export interface Message {
  /**
   * The receiver: E.164 as `"+221776665544"`, or as people type it: spaces, dots, `00221…`, `tel:`, and without the
   * calling code where `defaultCountry` is set. Always a string: numbers lose `+` and leading zeros.
   */
  to: string;
  /** Any text; it leaves in Unicode's NFC. 160 characters fit one segment in GSM-7, 70 elsewhere: see {@link measureText}. */
  text: string;
  /** The sender, where it isn't the client's own: up to 11 ASCII characters, or up to 15 digits. */
  from?: string | undefined;
  /** Your own name for the message. The API has no field for it. */
  id?: string | undefined;
}

/** What `login` gives, and what a {@link TokenStore} keeps. It is as secret as the keys. */
export interface Token {
  accessToken: string;
  /** `bearer` */
  tokenType: string;
  /** Seconds from the login on. */
  expiresIn: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** What became of the messages of a send that the API accepted. */
export interface SendReceipt {
  code: "00";
  /** The API's word: `sms_sent`. */
  message: string;
  /** The API's sentence. */
  description: string;
  /** `sms[i]` is `messages[i]`. */
  sms: SentSms[];
  /** Indexes of the messages that the answer did not account for: ask `stats` before sending them again. */
  unknown: number[];
  /** Doubts: `sender-replaced`, `unknown-range`, `ucs2`, `duplicate`, … */
  warnings: Issue[];
}

/** One message as it left. */
export interface SentSms {
  /** `"unknown"` where the API's answer does not name it. */
  status: "sent" | "unknown";
  /** The API's identity of the SMS, which `stats` gives again. */
  code?: string;
  from: string;
  /** E.164, with `+`. */
  to: string;
  /** In NFC. */
  text: string;
  /** An estimate: how the operators count. */
  segments: number;
}

export interface StatsQuery {
  /**
   * Up to 1,000,000 numbers as in {@link Message.to}. One with `+` that fits no numbering plan is asked too: the API sorts it
   * out.
   */
  receivers: string | readonly string[];
  /** A `Date`, or `YYYY-MM-DD HH:MM:SS` in UTC. No limit by default. */
  startDate?: Date | string | undefined;
  /** A `Date`, or `YYYY-MM-DD HH:MM:SS` in UTC, not before `startDate`. No limit by default. */
  endDate?: Date | string | undefined;
}

export interface Stats {
  code: "00";
  /** The API's word: `success`. */
  message: string;
  /** The API's sentence. */
  description: string;
  /** In the order asked, in E.164; `sms` is empty where nothing was ever sent to the number. */
  validNumbers: { number: string; sms: { code: string; content: string }[] }[];
  /** Those that the API calls invalid, as asked. */
  invalidNumbers: string[];
}

/** What `check` says. */
export interface CheckReport {
  /** No message has an error; warnings are no errors. */
  ok: boolean;
  /** `messages[i]` is about the i-th message. */
  messages: CheckedMessage[];
  /** Of all texts that are not refused. */
  segments: number;
  /** How many texts need UCS-2, where a segment holds 70 units in the place of 160. */
  ucs2: number;
  /** Groups of indexes with the same number and text. */
  duplicates: number[][];
}

export interface CheckedMessage {
  index: number;
  /** It has no issue of severity error. */
  ok: boolean;
  issues: Issue[];
  /** Where the number could be read. */
  phone?: Phone;
  /** Where the text is not refused, measured as it would leave: in NFC, after `smartEncoding`. */
  text?: TextMeasure;
}

/** One fault, or one doubt, of what you gave. */
export interface Issue {
  /** An error stops the call, a warning doesn't. */
  severity: "error" | "warning";
  field: "batch" | "to" | "text" | "from" | "id" | "receivers" | "startDate" | "endDate" | "option";
  /** Of the message or receiver, from 0. */
  index?: number;
  /** The rule, one word for each. */
  reason: Reason;
  /** The API's own code for this fault, where it has one. */
  code?: ErrorCode;
  /** One sentence: what, where, what to do. It never holds a whole number or text. */
  message: string;
}

/** Why: one word for each rule. A new version may bring new words. */
export type Reason =
  // Of a phone number
  | "empty"
  | "letters"
  | "unexpected-character"
  | "extension"
  | "several-numbers"
  | "spreadsheet"
  | "short-code"
  | "missing-calling-code"
  | "unknown-calling-code"
  | "leading-zero"
  | "lost-leading-zero"
  | "old-plan"
  | "too-short"
  | "too-long"
  | "wrong-length"
  | "landline"
  | "unknown-range"
  // Of a text
  | "empty-text"
  | "blank-text"
  | "control-character"
  | "too-many-segments"
  | "lone-surrogate"
  | "rewritten"
  | "ucs2"
  // Of a sender
  | "empty-sender"
  | "sender-too-long"
  | "non-ascii-sender"
  | "outer-space"
  | "sender-symbols"
  | "numeric-sender"
  | "sender-without-letter"
  | "sender-replaced"
  // Of a batch or a query
  | "none"
  | "too-many"
  | "duplicate"
  | "bad-date"
  | "start-after-end"
  // Of anything
  | "missing"
  | "wrong-type"
  | "unknown-option"
  | "bad-option"
  | "keys-in-browser"
  | "freed"
  | "not-initialized"
  | "unsupported-runtime";

/** The 24 codes of the API document; {@link errorCodes} says what they mean. */
export type ErrorCode =
  | "ERROR_101"
  | "ERROR_102"
  | "ERROR_103"
  | "ERROR_104"
  | "ERROR_105"
  | "ERROR_106"
  | "ERROR_107"
  | "ERROR_108"
  | "ERROR_109"
  | "ERROR_110"
  | "ERROR_111"
  | "ERROR_112"
  | "ERROR_113"
  | "ERROR_114"
  | "ERROR_115"
  | "ERROR_116"
  | "ERROR_117"
  | "ERROR_118"
  | "ERROR_119"
  | "ERROR_120"
  | "ERROR_121"
  | "ERROR_122"
  | "ERROR_123"
  | "ERROR_124";

/** For each code the API's word, its meaning, and what to do about it. */
export const errorCodes: Readonly<
  Record<ErrorCode, { readonly message: string; readonly meaning: string; readonly advice: string }>
>;

/** What every call of this package rejects with, and every constructor and synchronous method throws. */
export class CrmError extends Error {
  /** Not made by users: the client makes it. */
  private constructor();
  readonly name: "CrmError";
  /**
   * What you can do about it.
   *
   * - `invalid`: mend the input or the options; nothing left for the network, `issues` names each fault
   * - `credentials`: mend the keys
   * - `refused`: the API said no; `code` or `status` says why
   * - `network`: the connection failed
   * - `timeout`: no whole answer within `timeout`
   * - `aborted`: your signal was aborted
   * - `unreadable`: an answer came that is not the API's
   */
  readonly kind: "invalid" | "credentials" | "refused" | "network" | "timeout" | "aborted" | "unreadable";
  /** Of a `send` only: surely nothing was accepted, or nobody can say (ask `stats` before sending again). */
  readonly delivery?: "not-sent" | "unknown";
  /** The API's code. */
  readonly code?: ErrorCode;
  /** The HTTP status, where an answer came; 0 where a browser hides it, as that of a redirect. */
  readonly status?: number;
  /**
   * The API's own words. A key, a token or a text that they repeat is `[redacted]`, and of eight or more digits in a
   * row only the last two are left.
   */
  readonly description?: string;
  /** Every fault and doubt of the input, where `kind` is `invalid`. */
  readonly issues?: readonly Issue[];
  /** Seconds, where the answer said when to come back. */
  readonly retryAfter?: number;
  /** POSTs of this call, logins not counted. */
  readonly attempts: number;
  /** What `fetch` rejected with, or your signal's reason. */
  readonly cause?: unknown;
}

/** Whether a value is a {@link CrmError}, also one of another copy of this package or of another realm. */
export function isCrmError(value: unknown): value is CrmError;

/**
 * Reads a phone number as people type it: separators, `00`, `tel:`, digits of other scripts, national numbers with a
 * `defaultCountry` (ISO 3166 alpha-2). What could mean two numbers is refused with a hint. Never throws.
 */
export function parsePhone(input: string, options?: { defaultCountry?: string | undefined }): Phone | PhoneRefusal;

/** A number that may be written to. */
export interface Phone {
  ok: true;
  /** `+` and up to 15 digits. */
  e164: string;
  /** Digits, without `+`. */
  callingCode: string;
  /** Digits. */
  nationalNumber: string;
  /** ISO 3166 alpha-2, where the calling code tells. */
  country?: string;
  /** By the ranges of the numbering plan: takes SMS, is a landline (told for Africa), or not known to take SMS. */
  kind: "sms" | "landline" | "unknown-range";
  /** What was typed differs from `e164`. */
  normalized: boolean;
}

/** Why something is not taken as a phone number. */
export interface PhoneRefusal {
  ok: false;
  reason: Reason;
  /** What is wrong and what to do. */
  hint: string;
  /** UTF-16 position of the character at fault. */
  index?: number;
}

/**
 * Measures an SMS text as it is given (`send` and `check` bring texts to NFC first): GSM-7 by 3GPP TS 23.038 with its
 * extension table, else UCS-2.
 *
 * @throws {CrmError} kind `invalid`, only where `text` is no string
 */
export function measureText(text: string): TextMeasure;

export interface TextMeasure {
  encoding: "GSM-7" | "UCS-2";
  /** Septets (two for `^ { } \ [ ~ ] | €` and form feed), or UTF-16 units. */
  units: number;
  /** An estimate of what is billed: no escape or surrogate pair is split. */
  segments: number;
  /** 160 or 70 alone, 153 or 67 in a chain. */
  unitsPerSegment: number;
  /** Room in the last segment. */
  unitsLeft: number;
  /** What forces UCS-2: each character once, with its first UTF-16 index, how often it stands there, and what could stand in its place. */
  offenders: { char: string; index: number; count: number; suggestion?: string }[];
  /** With all suggestions taken; absent where a character has none, or none is needed. */
  segmentsIfGsm7?: number;
}

/** Of this package. */
export const version: string;

/** The libphonenumber metadata that the numbering table was made from, as `"9.0.43"`. */
export const phoneDataVersion: string;
