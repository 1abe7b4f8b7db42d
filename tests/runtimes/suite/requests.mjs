// A client that lives longer than the requests that use it, as in a server. In workerd a request that ends, or that its
// client leaves, takes its promises and timers with it: what other requests wait for must not be among them.
import { equal } from "./assertions.mjs";
import { account, calls, keys, message, messages } from "./account.mjs";

const clients = new Map();

/** What a request does: it sends with the client that all requests to this base URL share, and tells how that ended. */
export async function sendShared({ crm }, { baseUrl, message, timeout }) {
  if (!clients.has(baseUrl)) {
    // Where nobody ends what a request left behind, this does.
    clients.set(baseUrl, new crm.CrmClient({ ...keys, baseUrl, sender: "MaBoutique", timeout: 3000 }));
  }
  try {
    return (await clients.get(baseUrl).send(message, { timeout })).sms[0].status;
  } catch (error) {
    return `${error.kind}: ${error.message}`;
  }
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
    async "is not held up by a request that was left during its login"() {
      await afterOneLeft({ on: "login", nth: 1, fault: "hang" }, 1);
    },
    async "is not held up by a request that was left during its send"() {
      await afterOneLeft({ on: "send", nth: 1, fault: "hang" }, 2);
    },
  };

  async function afterOneLeft(fault, received) {
    const { baseUrl, report } = await account(suite, { faults: [fault] });
    const controller = new AbortController();
    inRequest({ baseUrl, message }, controller.signal).catch(() => {});
    await report({ received });
    controller.abort();
    const others = messages(3).map((one) => inRequest({ baseUrl, message: one, timeout: 800 }));
    equal(await Promise.all(others), Array(3).fill("sent"));
    equal((await report()).sent.length, 3);
  }
};
