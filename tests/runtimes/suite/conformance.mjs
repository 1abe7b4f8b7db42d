// What a user relies on, in any JavaScript runtime. These modules use nothing but the language, fetch, URL,
// AbortController and setTimeout, and are the same in each runtime: none has tests of its own.
import { abort, timeouts } from "./interruptions.mjs";
import { connection, errors, keptConnections } from "./failures.mjs";
import { customFetch, sandboxItself } from "./doubles.mjs";
import { importing, judgement } from "./offline.mjs";
import { sendShared, sharedClient } from "./requests.mjs";
import { campaigns } from "./campaigns.mjs";
import { concurrency, free, login, send, stats } from "./calls.mjs";

const suite = {
  importing,
  judgement,
  login,
  send,
  stats,
  errors,
  connection,
  "kept-connections": keptConnections,
  abort,
  timeouts,
  "custom-fetch": customFetch,
  free,
  concurrency,
  campaigns,
  "shared-client": sharedClient,
  sandbox: sandboxItself,
};

export { sendShared };

/** The names of all groups. */
export const groups = Object.keys(suite);

/** Milliseconds until a test that does not settle has failed. */
const patience = 15_000;

/**
 * All tests, as a list of { group, name, run }. Nothing is called yet.
 *
 * @param {{ crm: object, sandbox: object, server: string, inRequest?: Function }} options the namespaces of
 * `paydunya-crm` and of `paydunya-crm/sandbox`, and the origin of server.mjs; where the suite runs in a server,
 * `inRequest(argument)` gives what `sendShared` gives in a request of its own
 */
export function tests(options) {
  return groups.flatMap((group) =>
    Object.entries(suite[group](options)).map(([name, run]) => ({ group, name, run })),
  );
}

/**
 * Runs the tests of some groups, one after the other.
 *
 * @param {{ crm: object, sandbox: object, server: string, groups: string[] }} options those of `tests`, and what to run
 * @returns {Promise<{ group: string, name: string, ok: boolean, error?: string }[]>} plain JSON
 */
export async function runAll({ groups: wanted, ...options }) {
  const results = [];
  for (const { group, name, run } of tests(options)) {
    if (!wanted.includes(group)) continue;
    try {
      await settled(run);
      results.push({ group, name, ok: true });
    } catch (error) {
      results.push({ group, name, ok: false, error: described(error) });
    }
  }
  return results;
}

async function settled(run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not settle within ${patience / 1000} s.`)), patience);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

// Not every runtime's stack begins with the message.
function described(error) {
  const stack = String(error?.stack ?? "");
  return stack.includes(String(error?.message)) ? stack : `${error}\n${stack}`;
}
