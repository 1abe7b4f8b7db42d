// A client that lives longer than the requests that use it, as in a server. In workerd a request that ends takes its
// promises and timers with it: what other requests wait for must not be among them.
import { equal } from "./assertions.mjs";
import { account, calls, keys, message, messages } from "./account.mjs";

const shared = new Map();

/**
 * What a request does: it sends with the client that all requests to this base URL share, and tells how that ended. With
 * `leaveAt`, a URL, it leaves the send alone as soon as that answers. With `passOn` what the first request made is used
 * by all: a signal, a store of tokens and a listener; then it tells too what the listener has heard. With `abort` it
 * aborts that signal, and sends nothing.
 */
export async function sendShared({ crm }, { baseUrl, message, timeout, leaveAt, passOn, abort }) {
  if (!shared.has(baseUrl)) shared.set(baseUrl, made(crm, { baseUrl, passOn }));
  const { client, controller, heard } = shared.get(baseUrl);
  if (abort) {
    controller.abort();
    return "aborted";
  }
  const sent = client.send(message, { timeout, signal: passOn && controller.signal }).then(
    ({ sms }) => sms[0].status,
    ({ kind, message }) => `${kind}: ${message}`,
  );
  if (!leaveAt) return passOn ? { status: await sent, heard } : sent;
  await fetch(leaveAt);
  return "left";
}

function made(crm, { baseUrl, passOn }) {
  // Where nothing ends what a request left behind, this timeout does.
  const options = { ...keys, baseUrl, sender: "MaBoutique", timeout: 2000 };
  if (!passOn) return { client: new crm.CrmClient(options) };
  const heard = [];
  let stored;
  const tokenStore = { get: async () => stored, set: async (token) => void (stored = token) };
  const onEvent = ({ type, call }) => heard.push(`${type} ${call}`);
  const client = new crm.CrmClient({ ...options, tokenStore, onEvent });
  return { client, controller: new AbortController(), heard };
}

export const sharedClient = (suite) => {
  const { inRequest = (argument) => sendShared(suite, argument) } = suite;
  return {
    async "keeps its token from one request to the next"() {
      const { baseUrl, report } = await account(suite);
      for (const one of messages(3)) equal(await inRequest({ baseUrl, message: one }), "sent");
      equal(calls(await report()), ["login", "send", "send", "send"]);
    },
    async "logs in once for requests at the same time"() {
      const { baseUrl, report } = await account(suite, { latency: 50 });
      const statuses = await Promise.all(messages(8).map((one) => inRequest({ baseUrl, message: one })));
      equal(statuses, Array(8).fill("sent"));
      const { sent, requests } = await report();
      equal([sent.length, requests.filter(({ call }) => call === "login").length], [8, 1]);
    },
    async "waits no longer than its timeout for a request that ended during its login"() {
      await afterOneEnded({ on: "login", nth: 1, fault: "hang" }, 1);
    },
    async "does not wait for a request that ended during its send"() {
      await afterOneEnded({ on: "send", nth: 1, fault: "hang" }, 2);
    },
  };

  async function afterOneEnded(fault, received) {
    const { baseUrl, report, reportUrl } = await account(suite, { faults: [fault] });
    equal(await inRequest({ baseUrl, message, leaveAt: `${reportUrl}?received=${received}` }), "left");
    const others = messages(3).map((one) => inRequest({ baseUrl, message: one, timeout: 800 }));
    equal(await Promise.all(others), Array(3).fill("sent"));
    equal((await report()).sent.length, 3);
  }
};
