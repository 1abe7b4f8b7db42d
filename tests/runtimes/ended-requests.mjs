// Requests to a server that share one client, sent from outside, so that they can end at any moment: in workerd a request
// that ends takes its promises, timers and connections with it, and nobody is told. A row of matrix.json runs this group
// where it is named in its `with`.
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { account, calls, message, messages } from "./suite/account.mjs";
import { equal, ok } from "./suite/assertions.mjs";

export const group = "ended-requests";

/** What the client of a request waits for an answer of the API at most, in milliseconds. */
const timeout = 30_000;

/** In so many milliseconds every request is answered, on a machine that is busy too: far less than a timeout. */
const bound = 12_000;

/** How a request ends before its call does. */
const ends = {
  "is given up by its sender": { end: (request) => request.reset() },
  "is given up by its sender in the middle of its answer": { streams: true, end: (request) => request.reset() },
  "is answered before its call ends": { leaves: true, end: (request) => request.answered },
};

/**
 * @param {{ server: string, origin: string, complaints: string[] }} options the origins of server.mjs and of the server
 * whose requests call `sendShared` of suite/requests.mjs with their JSON; and the lines that it has written as errors
 */
export function tests({ server, origin, complaints }) {
  const all = {
    async "50 requests at once from cold log in once, and all are answered"() {
      const { baseUrl, report } = await account({ server }, { latency: 100 });
      equal(await Promise.all(messages(50).map((message) => answer({ baseUrl, message }))), Array(50).fill("sent"));
      equal(counted(await report()), { login: 1, send: 50 });
    },
    async "a request whose login the others wait for may end before them"() {
      const { baseUrl, report, reportUrl } = await account({ server }, { latency: 300 });
      // It leaves when its login has been answered and its send has arrived.
      const first = answer({ baseUrl, message, leaveAt: `${reportUrl}?received=2` });
      await report({ received: 1 });
      const others = messages(20).map((message) => answer({ baseUrl, message }));
      equal(await Promise.all([first, ...others]), ["left", ...Array(20).fill("sent")]);
      equal(counted(await report()), { login: 1, send: 21 });
    },
    async "a slow login is one, however long it takes"() {
      const { baseUrl, report } = await account({ server }, { faults: [{ on: "login", fault: "slow", latency: 6_000 }] });
      equal(await Promise.all(messages(10).map((message) => answer({ baseUrl, message }))), Array(10).fill("sent"));
      equal(counted(await report()), { login: 1, send: 10 });
    },
  };

  for (const [how, ending] of Object.entries(ends)) {
    all[`a request that ${how} during its login keeps the others waiting a few seconds`] = async () => {
      const { baseUrl, report, reportUrl } = await account({ server }, { faults: [{ on: "login", nth: 1, fault: "hang" }] });
      const first = ask({ baseUrl, message, streams: ending.streams, leaveAt: ending.leaves && `${reportUrl}?received=1` });
      await report({ received: 1 });
      const others = messages(5).map((message) => answer({ baseUrl, message }));
      await ending.end(first);
      // The proof that its call has died: nobody waits for the answer of its login.
      await report({ closed: 1 });
      equal(await Promise.all(others), Array(5).fill("sent"));
      equal(await answer({ baseUrl, message }), "sent");
      equal(counted(await report()), { login: 2, send: 6 });
    };
    all[`a request that ${how} during its send keeps nobody waiting`] = async () => {
      const { baseUrl, report, reportUrl } = await account({ server }, { faults: [{ on: "send", nth: 1, fault: "hang" }] });
      const first = ask({ baseUrl, message, streams: ending.streams, leaveAt: ending.leaves && `${reportUrl}?received=2` });
      await report({ received: 2 });
      await ending.end(first);
      await report({ closed: 1 });
      equal(await Promise.all(messages(5).map((message) => answer({ baseUrl, message }))), Array(5).fill("sent"));
      equal(counted(await report()), { login: 1, send: 6 });
    };
  }

  all["a signal, a store and a listener of one request serve the others too"] = async () => {
    const { baseUrl, report } = await account({ server });
    const statuses = [];
    for (const message of messages(3)) statuses.push(await answer({ baseUrl, message, passOn: true }));
    const told = (call) => [`request ${call}`, `response ${call}`];
    const heard = ["login", "send", "send", "send"].flatMap(told);
    equal(statuses.at(-1), { status: "sent", heard });
    equal(calls(await report()), ["login", "send", "send", "send"]);
  };
  all["nothing of this made the runtime complain"] = async () => equal(complaints, []);
  // Last: workerd with an old compatibility date answers for the one that waits, and complains.
  all["a signal that another request aborts hangs nobody"] = async () => {
    const { baseUrl, report } = await account({ server }, { faults: [{ on: "send", nth: 1, fault: "hang" }] });
    const waits = ask({ baseUrl, message, passOn: true });
    await report({ received: 2 });
    equal(await answer({ baseUrl, passOn: true, abort: true }), "aborted");
    await within(waits.answered.catch(() => {}));
    equal(await answer({ baseUrl, message }), "sent");
  };

  return Object.entries(all).map(([name, run]) => ({ group, name, run }));

  /** What a request is answered. */
  async function answer(argument) {
    const { status, body } = await within(ask(argument).answered);
    ok(status === 200, `the answer is ${status}: ${body}`);
    return JSON.parse(body);
  }

  /** Sends a request on a connection of its own. */
  function ask(argument) {
    const request = httpRequest(origin, { method: "POST", agent: false });
    const answered = once(request, "response").then(async ([response]) => ({
      status: response.statusCode,
      body: await text(response),
    }));
    // Of one that is given up.
    answered.catch(() => {});
    request.on("error", () => {});
    request.end(JSON.stringify({ timeout, ...argument }));
    // The end of a connection in order is none to workerd: it goes on with the request.
    return { answered, reset: () => request.socket.resetAndDestroy() };
  }
}

/** Runs the tests one after the other; gives what `runAll` of suite/conformance.mjs gives. */
export async function runAll(options) {
  const results = [];
  for (const { group, name, run } of tests(options)) {
    try {
      await run();
      results.push({ group, name, ok: true });
    } catch (error) {
      results.push({ group, name, ok: false, error: error.stack });
    }
  }
  return results;
}

/** How many requests of each call came. */
function counted(report) {
  const counts = {};
  for (const call of calls(report)) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

async function within(promise) {
  const stop = new AbortController();
  const late = sleep(bound, undefined, { signal: stop.signal }).then(
    () => Promise.reject(new Error(`No answer within ${bound / 1000} s.`)),
    () => {},
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
