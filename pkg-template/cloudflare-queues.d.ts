/**
 * A consumer for Cloudflare Queues that sends each SMS once. Queues deliver at least once: what was sent is told from
 * what was not by a Durable Object, where each id is claimed before the POST and settled after it.
 *
 * @module
 */

import type { CrmClient, Message } from "./index.js";

/**
 * The `queue` handler of a Worker, for batches of up to 50 (`max_batch_size`); a larger one takes several POSTs.
 * The body of each letter is a {@link SmsLetter}.
 *
 * | what became of it | state | the queue |
 * |---|---|---|
 * | the API accepted it | `sent`, with its code | acknowledged |
 * | it has a fault | `invalid` | acknowledged |
 * | nobody can say | `unknown` | acknowledged: ask `stats`, then settle it |
 * | surely not sent | `not-sent` | retried, after `Retry-After` where the API gave it, up to 12 hours |
 * | its id is taken | as it was | acknowledged |
 *
 * It rejects where the claims can't be reached, and the queue delivers again. What was claimed by then stays `claimed`.
 *
 * @example
 * export { SmsClaims } from "paydunya-crm/cloudflare-queues";
 * export default { queue: smsConsumer({ client: clientOf, claims: (env) => env.SMS_CLAIMS.getByName("shop") }) };
 */
export function smsConsumer<Env>(options: SmsConsumerOptions<Env>): (batch: LetterBatch, env: Env) => Promise<void>;

export interface SmsConsumerOptions<Env> {
  /** One for all batches of an isolate: keep it at module scope. Or a function that gives it. */
  client: Pick<CrmClient, "check" | "send"> | ((env: Env) => Pick<CrmClient, "check" | "send">);
  /** The {@link SmsClaims} object of these messages, by a name that does not change while they are under way. */
  claims: (env: Env) => ClaimsStub;
}

/** The `queue` handler of the dead letter queue: what was surely not sent becomes `gave-up`, and is acknowledged. */
export function smsDeadLetters<Env>(
  options: Pick<SmsConsumerOptions<Env>, "claims">,
): (batch: LetterBatch, env: Env) => Promise<void>;

/** A message for the queue. */
export interface SmsLetter extends Message {
  /**
   * Messages with the same id are sent once, however often they are put into the queue. Without it the queue's own id
   * is taken, which is another one where a producer puts a message twice.
   */
  id?: string;
}

/**
 * What became of a message.
 *
 * - `claimed`: it is being sent; one that stays so was in the hands of a consumer that died: as `unknown`
 * - `unknown`: it may have been sent; it is never sent again by itself
 * - `not-sent`, `gave-up`: surely not sent, and still in the queue, or no longer; the same id may be sent again
 * - `sent`, `invalid`: for ever
 */
export type SmsState = "claimed" | "sent" | "unknown" | "invalid" | "not-sent" | "gave-up";

/** The record of one message. No number and no text is kept. */
export interface SmsRow {
  id: string;
  state: SmsState;
  /** The API's identity of the SMS, or its reason why not. */
  code: string | null;
  /** Milliseconds since 1970, of the last change. */
  at: number;
}

/** The methods of an {@link SmsClaims} object, over its stub. Each is one transaction; they reject where it can't be reached. */
export function smsClaims(stub: ClaimsStub): {
  /** Says of each id whether it is yours to send. */
  claim(ids: readonly string[]): Promise<boolean[]>;
  /** Writes down what became of messages, as what `stats` told of an unknown one. Says of each whether it changed: what is final doesn't. */
  settle(rows: readonly { id: string; state: SmsState; code?: string | undefined }[]): Promise<boolean[]>;
  /** Makes `gave-up` of what is `not-sent`, and of what was never claimed. Says of each whether it did. */
  giveUp(ids: readonly string[]): Promise<boolean[]>;
  /** The rows in these states by id, from behind `after`; 1,000 without `limit`. */
  list(states: readonly SmsState[], page?: { after?: string; limit?: number }): Promise<SmsRow[]>;
  /** How many there are in each state; none, no entry. */
  counts(): Promise<Partial<Record<SmsState, number>>>;
};

/** A Durable Object with SQLite (`new_sqlite_classes`): export it from your Worker. */
export class SmsClaims {
  constructor(state: { storage: unknown });
  fetch(request: Request): Promise<Response>;
}

/** What a namespace of Durable Objects gives by name. */
export interface ClaimsStub {
  fetch(url: string, init: { method: "POST"; body: string }): Promise<{ ok: boolean; status: number; json(): Promise<any> }>;
}

/** What Cloudflare gives a `queue` handler. */
export interface LetterBatch {
  readonly messages: readonly {
    readonly id: string;
    readonly body: any;
    ack(): void;
    retry(options?: { delaySeconds?: number }): void;
  }[];
  ackAll(): void;
}
