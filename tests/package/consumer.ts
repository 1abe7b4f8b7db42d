// A user's program in strict TypeScript. It is compiled, never run: as an ES module and as CommonJS, with the
// package's declarations checked too.
import {
  CrmClient,
  CrmError,
  errorCodes,
  isCrmError,
  measureText,
  parsePhone,
  phoneDataVersion,
  version,
  type CallOptions,
  type Campaign,
  type CampaignReport,
  type CrmEvent,
  type CheckReport,
  type CheckedMessage,
  type CrmClientOptions,
  type ErrorCode,
  type FetchAnswer,
  type FetchInit,
  type Issue,
  type Journal,
  type Message,
  type Outcome,
  type Phone,
  type PhoneRefusal,
  type Progress,
  type Reason,
  type ReconcileOptions,
  type ReconcileReport,
  type SendReceipt,
  type SendAllOptions,
  type SentSms,
  type Stats,
  type StatsQuery,
  type TextMeasure,
  type Token,
  type TokenStore,
} from "paydunya-crm";
import { FileJournal } from "paydunya-crm/node";
import {
  Sandbox,
  type SandboxAnswer,
  type SandboxFault,
  type SandboxOptions,
  type SandboxRequest,
  type SandboxSms,
} from "paydunya-crm/sandbox";
import { CrmClient as SlimClient, initialize, type CompiledModule } from "paydunya-crm/slim";

/** Compiles only where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(): T | void => {};

export const versions: [string, string] = [version, phoneDataVersion];

// What users have at hand fits without a cast.
declare const environment: { readonly KEY?: string };
const options: CrmClientOptions = {
  userKey: environment.KEY,
  secretKey: undefined,
  defaultCountry: "SN",
  phoneCheck: "strict",
  smartEncoding: "typographic",
  timeout: 5_000,
  maxRetries: 0,
  fetch,
  dangerouslyAllowBrowser: false,
};
export const clients = [new CrmClient(), new CrmClient({}), new CrmClient(options)];
export const custom = new CrmClient({ fetch: async (url, init) => new Response(`${url} ${init.method}`) });
export const fakes = [
  new CrmClient({ fetch: async () => ({ status: 200, text: async () => "{}" }) }),
  new CrmClient({ fetch: () => ({ status: 429, text: () => "", headers: new Map([["retry-after", "7"]]) }) }),
  new CrmClient({ fetch: (_, init: FetchInit): FetchAnswer => ({ status: 200, text: () => JSON.parse(init.body) }) }),
];
declare const ownFetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
export const wrapped = [
  new CrmClient({ fetch: ownFetch }),
  new CrmClient({ fetch: (url, init) => ownFetch(url, { ...init, keepalive: true }) }),
];
// @ts-expect-error: nothing tells the status
new CrmClient({ fetch: async () => ({ text: async () => "{}" }) });

export const store: TokenStore = { get: () => null, set: () => {} };
export const told: string[] = [];
new CrmClient({ onEvent: (event: CrmEvent) => told.push(event.type === "retry" ? event.because : event.call) });
class Cell implements TokenStore {
  #token: Token | null = null;
  get = async () => this.#token;
  async set(token: Token) {
    this.#token = token;
  }
}
new CrmClient({ tokenStore: new Cell() });
// @ts-expect-error: without `set`
new CrmClient({ tokenStore: { get: () => null } });

// @ts-expect-error: an unknown option
new CrmClient({ retries: 2 });
// @ts-expect-error: an option of another type
new CrmClient({ timeout: "5" });
// @ts-expect-error: a word that is not one of the three
new CrmClient({ phoneCheck: "never" });
// @ts-expect-error: not null
new CrmClient({ userKey: null });

interface Customer extends Message {
  readonly name: string;
}

export async function send(client: CrmClient, customers: readonly Customer[]): Promise<string[]> {
  const call: CallOptions = { signal: new AbortController().signal, timeout: 1_000, maxRetries: 1 };
  const token: Token = await client.login(call);
  const receipt: SendReceipt = await client.send(customers, call);
  await client.send({ to: "+221776665544", text: "Bonjour", from: undefined });
  const codes = receipt.sms.map((sms: SentSms) => (sms.status === "sent" ? (sms.code ?? "") : sms.to));
  const unknown: Customer[] = receipt.unknown.flatMap((index) => customers[index] ?? []);
  const warnings: Issue[] = receipt.warnings;
  const ends: Date = new Date(token.expiresAt);
  same<Same<typeof receipt.code, "00">>();
  // @ts-expect-error: a number has no `+`
  await client.send({ to: 221776665544, text: "Bonjour" });
  // @ts-expect-error: without a text
  await client.send([{ to: "+221776665544" }]);
  return [...codes, ...unknown.map(({ name }) => name), ...warnings.map(({ message }) => message), ends.toISOString()];
}

export async function stats(client: CrmClient): Promise<number> {
  const query: StatsQuery = {
    receivers: ["+221776665544"] as const,
    startDate: new Date(),
    endDate: "2026-01-31 00:00:00",
  };
  const stats: Stats = await client.stats(query);
  await client.stats({ receivers: "+221776665544" });
  // @ts-expect-error: a time in milliseconds
  await client.stats({ receivers: [], startDate: Date.now() });
  return stats.validNumbers.reduce((sum, { sms }) => sum + sms.length, stats.invalidNumbers.length);
}

export async function campaign(client: CrmClient, customers: AsyncIterable<Customer>): Promise<string[]> {
  const seen: Progress[] = [];
  const settings: SendAllOptions = { concurrency: 2, ratePerSecond: 10, onProgress: (progress) => seen.push(progress) };
  const campaign: Campaign<Customer> = client.sendAll(customers, settings);
  const lines: string[] = [];
  for await (const outcome of campaign) {
    same<Same<typeof outcome, Outcome<Customer>>>();
    lines.push(`${outcome.message.to}: ${outcome.code ?? outcome.error?.message ?? outcome.issues?.[0]?.message}`);
  }
  const report: CampaignReport<Customer> = await campaign.report();
  client.sendAll(new Set<Customer>());
  client.sendAll(new ReadableStream<Customer>());
  // @ts-expect-error: one message is for send
  client.sendAll({ to: "1", text: "x" });
  // @ts-expect-error: an unknown option
  client.sendAll([], { batchSize: 10 });
  return report.stoppedBecause === "balance" ? report.failures.map(({ status }) => status) : lines;
}

export async function goOn(client: CrmClient, customers: Customer[]): Promise<number> {
  const file: FileJournal = await FileJournal.open("campaign.journal");
  const lines: string[] = [];
  const own: Journal = { append: async (line) => void lines.push(line), read: () => lines };
  const settings: ReconcileOptions = { settle: 60_000, requeue: false, timeout: 1000 };
  const reports: ReconcileReport[] = [];
  for (const journal of [file, own]) {
    await client.sendAll(customers, { journal }).report();
    reports.push(await client.reconcile(journal, settings));
  }
  await file.close();
  // @ts-expect-error: it is opened, not made
  new FileJournal("campaign.journal");
  // @ts-expect-error: no journal
  await client.reconcile({ append: file.append });
  return reports.reduce((count, { asked, sent, held }) => count + asked - sent + held, 0);
}

export function check(client: CrmClient, rows: Customer[]): Reason[] {
  const report: CheckReport = client.check(rows);
  const bad: CheckedMessage[] = report.messages.filter(({ ok }) => !ok);
  const pairs: number[][] = report.duplicates;
  const costly: number = report.segments + report.ucs2 + pairs.length;
  return costly > 0 ? bad.flatMap(({ issues }) => issues.map(({ reason }) => reason)) : [];
}

export function advice(error: unknown): string {
  if (!isCrmError(error)) throw error;
  same<Same<typeof error, CrmError>>();
  switch (error.kind) {
    case "invalid":
      return (error.issues ?? []).map((issue) => `${issue.index ?? ""} ${issue.field}`).join();
    case "refused":
      return error.code ? errorCodes[error.code].advice : `HTTP ${error.status}, wait ${error.retryAfter ?? 60} s`;
    case "credentials":
    case "network":
    case "timeout":
    case "aborted":
    case "unreadable":
      return error.delivery === "unknown" ? "ask the stats" : `${error.name} ${error.attempts} ${String(error.cause)}`;
    default:
      return error.kind satisfies never;
  }
}
export const isError: (error: CrmError) => Error = (error) => error;
export const code: ErrorCode = "ERROR_101";
// @ts-expect-error: there are 24
export const noCode: ErrorCode = "ERROR_125";
// @ts-expect-error: the client makes them
new CrmError("mine");

export function readPhone(typed: string): string {
  const phone: Phone | PhoneRefusal = parsePhone(typed, { defaultCountry: environment.KEY });
  if (!phone.ok) return `${phone.reason} at ${phone.index ?? "?"}: ${phone.hint}`;
  return phone.kind === "sms" ? phone.e164 : `${phone.country ?? phone.callingCode} ${phone.nationalNumber}`;
}

export function cost(text: string): number {
  const measure: TextMeasure = measureText(text);
  const better = measure.offenders.every(({ suggestion }) => suggestion !== undefined);
  return better ? (measure.segmentsIfGsm7 ?? measure.segments) : measure.segments;
}

const fault: SandboxFault = { on: "send", nth: 1, fault: "reset-after" };
const account: SandboxOptions = { balance: 100, faults: [fault], senders: ["MaBoutique"] };
const sandbox = new Sandbox(account);
export const tested = new CrmClient({ ...options, fetch: sandbox.fetch });
export const accepted: SandboxSms[] = [...sandbox.sent];
export const asked: readonly SandboxRequest[] = sandbox.requests;
export const answered: SandboxAnswer = sandbox.answer({ method: "POST", path: "/auth/login" });
// @ts-expect-error: an unknown option
new Sandbox({ blance: 1 });

// The slim entry has the client of the main one, for a compiler.
export const slim: CrmClient = new SlimClient();
export function start(wasm: CompiledModule | ArrayBuffer | DataView): void {
  initialize(wasm);
  initialize(new Uint8Array());
  // @ts-expect-error: a promise of it
  initialize(Promise.resolve(wasm));
  // @ts-expect-error: a response with it
  initialize(new Response());
  // @ts-expect-error: a path
  initialize("crm_bg.wasm");
}

tested.free();
