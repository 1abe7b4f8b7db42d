// What each runtime runs: the client meets the faults, and tells what became of its calls. Nothing here judges.
import { canaries, keys, messages, large } from "./canaries.mjs";

const sleep = (ms) => timer(ms).promise;

function timer(ms) {
  let id;
  const promise = new Promise((resolve) => (id = setTimeout(resolve, ms)));
  return { promise, stop: () => clearTimeout(id) };
}

/** Milliseconds that a call is given where it is not to time out, even on a machine that is busy. */
const patience = 15_000;

/** Milliseconds between the login and the hit call, in which a connection that is idle can break. */
const idle = 100;

/**
 * @param {{ crm: object, groups: { cases: object[], lanes: number } }} options the namespace of `paydunya-crm`; the cases, with
 * `name`, `call`, `baseUrl`, `timeout` and `large`, and how many run at once
 * @returns {Promise<{ name: string, outcome: string, claimed: number, late: boolean, leaks: string[] }[]>} plain JSON
 */
export async function runAll({ crm, groups: { cases, lanes } }) {
  const said = listenToConsole();
  const results = [];
  const left = cases.entries();
  const lane = async () => {
    for (const [index, fault] of left) results[index] = await meet(crm, fault);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  results.push({ name: "console", leaks: leaksIn(said) });
  return results;
}

/** What a request of its own would do; no fault needs one. */
export function sendShared() {
  throw new Error("No fault is met in a request of its own.");
}

async function meet({ CrmClient }, { name, call, baseUrl, timeout = patience, large: isLarge }) {
  const events = [];
  const onEvent = (event) => events.push(event);
  const options = { ...keys, baseUrl, timeout, maxRetries: 1, onEvent, dangerouslyAllowBrowser: true };
  const client = new CrmClient(options);
  try {
    if (call !== "login") await client.login({ timeout: patience });
    await sleep(idle);
    const called = call === "stats" ? client.stats({ receivers: messages[0].to }) : client.send(isLarge ? large : messages);
    const settled = called.then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    // The attempt, its repeat, those of a login before it, and the waits between them.
    const most = 4 * timeout + 5_000;
    const late = timer(most);
    const outcome = await Promise.race([settled, late.promise.then(() => ({ late: true }))]);
    late.stop();
    const leaks = leaksIn([outcome.error, events]);
    return { name, ...described(outcome), late: outcome.late ?? false, leaks };
  } catch (error) {
    return { name, outcome: `broke: ${error?.stack}`, claimed: 0, late: false, leaks: [] };
  } finally {
    client.free();
  }
}

/** The outcome in a few words, and how many messages it calls sent. */
function described({ value, error, late }) {
  if (late) return { outcome: "open", claimed: 0 };
  if (error) {
    const { kind = String(error), delivery = "" } = error;
    return { outcome: `${kind} ${delivery}`.trim(), claimed: 0 };
  }
  if (value.sms === undefined) return { outcome: "done", claimed: 0 };
  const claimed = value.sms.filter(({ status }) => status === "sent").length;
  return { outcome: claimed === value.sms.length ? "sent" : "partly sent", claimed };
}

function listenToConsole() {
  const said = [];
  for (const name of ["debug", "error", "info", "log", "trace", "warn"]) {
    const original = console[name];
    console[name] = (...args) => {
      said.push(args);
      // The last line is the results'.
      if (name === "log") original.apply(console, args);
    };
  }
  return said;
}

/** The canaries that are anywhere in a value: in what an object shows and hides, in what it says of itself. */
function leaksIn(value) {
  const inspect = globalThis.process?.getBuiltinModule?.("node:util")?.inspect;
  const texts = [...textsIn(value), inspect?.(value, { depth: Infinity, showHidden: true }) ?? ""];
  return canaries.filter((canary) => texts.some((text) => text.includes(canary)));
}

function* textsIn(value, seen = new Set()) {
  if (typeof value !== "object" || value === null) return yield String(value);
  if (seen.has(value)) return;
  seen.add(value);
  yield Object.prototype.toString.call(value);
  if (value instanceof Error) yield String(value);
  for (const key of Reflect.ownKeys(value)) {
    yield String(key);
    let member;
    try {
      member = value[key];
    } catch (error) {
      member = error;
    }
    yield* textsIn(member, seen);
  }
}
