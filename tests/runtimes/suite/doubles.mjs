// What users put in the place of the network: a fetch of their own, and the sandbox of the package.
import { equal, fields, ok, rejection, thrown } from "./assertions.mjs";
import { account, keys, message } from "./account.mjs";

export const customFetch = (suite) => ({
  async "is called with a string and plain options, and without `this`"() {
    const { client, report } = await account(suite);
    const seen = [];
    const own = function (url, init) {
      seen.push({ self: this, url, init, count: arguments.length });
      return fetch(url, init);
    };
    await client({ fetch: own }).send(message);
    const { received } = await report();
    equal(
      seen.map(({ self, url, count }) => [self, typeof url, count]),
      Array(2).fill([undefined, "string", 2]),
    );
    for (const [index, { url, init }] of seen.entries()) {
      equal(new URL(url).pathname.replace(/^\/\d+/, ""), received[index].path);
      equal(Object.keys(init).sort(), ["body", "headers", "method", "redirect", "signal"]);
      equal([init.method, init.redirect, init.signal instanceof AbortSignal], ["POST", "manual", true]);
      equal(JSON.parse(init.body), received[index].body);
    }
  },
  async "may answer with `status` and `text()` alone"() {
    for (const wrapped of [(value) => value, (value) => Promise.resolve(value)]) {
      const client = scripted(suite, (_, sms) => wrapped({ status: 200, text: () => wrapped(accepted(sms)) }));
      equal((await client.send(message)).sms[0].code, "CODE-0");
    }
  },
  async "may answer with a `Response`"() {
    const client = scripted(suite, (_, sms) => new Response(accepted(sms)));
    equal((await client.send(message)).sms[0].code, "CODE-0");
  },
  async "that leaves a message out of its answer makes it unknown"() {
    const client = scripted(suite, (_, sms) => new Response(accepted(sms.slice(0, 1))));
    const { sms, unknown } = await client.send([message, { to: "+2250700000146", text: "Bonjour" }]);
    equal(unknown, [1]);
    equal(
      sms.map(({ status, code }) => [status, code]),
      [
        ["sent", "CODE-0"],
        ["unknown", undefined],
      ],
    );
  },
  async "that fails, however, is `network` with that cause"() {
    for (const reason of [new Error("down"), "down", undefined, null]) {
      const fails = [
        () => Promise.reject(reason),
        () => {
          throw reason;
        },
      ];
      for (const fail of fails) {
        const error = await rejection(scripted(suite, fail).send(message));
        fields(error, { kind: "network", delivery: "unknown", attempts: 1 });
        ok("cause" in error && error.cause === reason, `its cause is ${String(error.cause)}`);
      }
    }
  },
  async "that answers with anything else is `unreadable`"() {
    for (const answer of [undefined, null, 200, "OK", {}, { status: "200", text: () => "{}" }, { status: 200 }]) {
      const error = await rejection(scripted(suite, () => answer).send(message));
      fields(error, { kind: "unreadable", delivery: "unknown", attempts: 1 });
    }
  },
  async "that never settles is ended by the timeout, and told"() {
    let signal;
    const client = scripted(suite, (init) => {
      signal = init.signal;
      return new Promise(() => {});
    });
    fields(await rejection(client.send(message, { timeout: 100 })), { kind: "timeout", delivery: "unknown" });
    equal(signal.aborted, true);
  },
  async "is the global one of the moment, where none is given"() {
    const { client, baseUrl } = await account(suite);
    const crm = client();
    const original = globalThis.fetch;
    const seen = [];
    globalThis.fetch = (input, init) => {
      seen.push(typeof input === "string" ? input : input.url);
      return original(input, init);
    };
    try {
      await crm.login();
    } finally {
      globalThis.fetch = original;
    }
    equal(seen, [`${baseUrl}/auth/login`]);
  },
});

/** A client whose fetch logs in, and answers a send by a function of the request's init and its messages. */
function scripted({ crm }, answer) {
  const token = { access_token: "TOKEN", token_type: "bearer", expires_in: 3600 };
  const own = (url, init) => {
    if (url.endsWith("/auth/login")) return { status: 200, text: () => JSON.stringify(token) };
    return answer(init, JSON.parse(init.body).send_sms_request.sms);
  };
  return new crm.CrmClient({ ...keys, sender: "MaBoutique", fetch: own });
}

/** The API's answer that it accepted messages. */
function accepted(messages) {
  const sms = messages.map(({ from, to, text }, index) => ({
    code: `CODE-${index}`,
    sender_addresss: from,
    receiver_address: to,
    text,
  }));
  return JSON.stringify({ code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms } });
}

export const sandboxItself = ({ crm, sandbox: { Sandbox } }) => {
  const clientOf = (sandbox, options) =>
    new crm.CrmClient({ ...keys, sender: "MaBoutique", fetch: sandbox.fetch, ...options });
  return {
    async "takes messages, and answers the stats"() {
      const sandbox = new Sandbox({ balance: 5 });
      const client = clientOf(sandbox);
      const { sms } = await client.send(message);
      const { validNumbers } = await client.stats({ receivers: message.to });
      equal(validNumbers, [{ number: message.to, sms: [{ code: sms[0].code, content: message.text }] }]);
      equal(
        sandbox.sent.map(({ to, text }) => ({ to, text })),
        [message],
      );
      equal(
        sandbox.requests.map(({ call, status }) => [call, status]),
        [
          ["login", 200],
          ["send", 200],
          ["stats", 200],
        ],
      );
      equal(sandbox.balance, 4);
    },
    async "loses answers as it is told"() {
      for (const [fault, kind, sent] of [
        ["reset-before", "network", 0],
        ["reset-after", "network", 1],
        ["half", "network", 1],
        ["hang-after", "timeout", 1],
        ["half-hang", "timeout", 1],
      ]) {
        const sandbox = new Sandbox({ faults: [{ on: "send", nth: 1, fault }] });
        const error = await rejection(clientOf(sandbox, { timeout: 100 }).send(message));
        fields(error, { kind, delivery: "unknown", attempts: 1 });
        equal(sandbox.sent.length, sent, `messages sent at ${fault}`);
      }
    },
    async "logs tokens out"() {
      const sandbox = new Sandbox();
      const client = clientOf(sandbox);
      await client.login();
      sandbox.logout();
      await client.send(message);
      equal(
        sandbox.requests.map(({ code }) => code),
        [null, "ERROR_124", null, "00"],
      );
    },
    async "ends at the caller's signal"() {
      const sandbox = new Sandbox({ faults: [{ on: "send", fault: "hang" }] });
      const controller = new AbortController();
      const call = rejection(clientOf(sandbox).send(message, { signal: controller.signal }));
      while (sandbox.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      controller.abort("enough");
      fields(await call, { kind: "aborted", delivery: "unknown", cause: "enough" });
    },
    "refuses options that it doesn't know"() {
      const error = thrown(() => new Sandbox({ money: 5 }));
      ok(error instanceof TypeError && error.message.includes("money"), String(error));
    },
  };
};
