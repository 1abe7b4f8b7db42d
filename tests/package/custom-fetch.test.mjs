// A `fetch` of one's own may do what it likes: each call still settles, with a `CrmError` that keeps the cause.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  accepted,
  assertFields,
  forbidStrayErrors,
  json,
  message,
  refusal,
  rejection,
  scripted,
  token,
  turn,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 60_000 };
const nobodyKnows = { delivery: "unknown", attempts: 1 };
const okText = JSON.stringify(token);

const foreignError = Object.assign(Object.create(null), { message: "of no realm" });
const reasons = [new Error("down"), "down", null, undefined, 0, Symbol("down"), foreignError, () => {}];

/** A promise whose own `constructor` throws when it is looked at. */
const trapped = (value) =>
  Object.defineProperty(Promise.resolve(value), "constructor", {
    get() {
      throw new Error("trapped");
    },
  });

describe("a fetch that fails", patience, () => {
  for (const reason of reasons) {
    it(`with ${String(typeof reason === "object" ? reason && reason.message : reason)}, thrown or rejected, is \`network\` with that cause`, async () => {
      for (const fail of [
        () => {
          throw reason;
        },
        () => Promise.reject(reason),
        () => ({ then: (_, reject) => reject(reason) }),
      ]) {
        const error = await rejection(scripted({ send: fail }).client.send(message));
        assertFields(error, { kind: "network", status: undefined, ...nobodyKnows });
        assert.ok("cause" in error && Object.is(error.cause, reason));
        const atLogin = await rejection(scripted({ login: fail }).client.send(message));
        assertFields(atLogin, { kind: "network", delivery: "not-sent", attempts: 0 });
        assert.ok(Object.is(atLogin.cause, reason));
      }
    });
  }

  it("is believed in nothing: even ECONNREFUSED may come after a request that was served", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
    const send = () => Promise.reject(new TypeError("fetch failed", { cause: refused }));
    assertFields(await rejection(scripted({ send }).client.send(message)), { kind: "network", ...nobodyKnows });
  });
});

describe("a fetch that gives no Response", patience, () => {
  const odd = {
    undefined: undefined,
    null: null,
    "a number": 200,
    "a string": "OK",
    "a symbol": Symbol("OK"),
    "a function": () => {},
    "an empty object": {},
    "an object without status": { text: async () => okText },
    "an object without text": { status: 200 },
    "a status that is a string": { status: "200", text: async () => okText },
    "a status that is NaN": { status: NaN, text: async () => okText },
    "a status that is no HTTP status": { status: 1e9, text: async () => okText },
    "a status whose getter throws": {
      get status() {
        throw new Error("status");
      },
      text: async () => okText,
    },
    "text that is no function": { status: 200, text: okText },
    "a proxy that throws": new Proxy(
      {},
      {
        get(_, name) {
          if (name === "then") return undefined;
          throw new Error("trap");
        },
      },
    ),
  };
  for (const [name, answer] of Object.entries(odd)) {
    it(`but ${name} is \`unreadable\``, async () => {
      for (const given of [answer, Promise.resolve(answer)]) {
        const error = await rejection(scripted({ send: () => given }).client.send(message));
        assertFields(error, { kind: "unreadable", ...nobodyKnows });
      }
    });
  }

  it("but a revoked proxy, or a promise with a trap, settles too", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assertFields(await rejection(scripted({ send: () => proxy }).client.send(message)), nobodyKnows);
    const trap = await rejection(scripted({ send: () => trapped(json({})) }).client.send(message));
    assertFields(trap, { kind: "network", ...nobodyKnows });
    assert.equal(trap.cause.message, "trapped");
  });
});

describe("a fake Response", patience, () => {
  it("needs only `status` and `text()`, now or later", async () => {
    for (const text of [
      () => okText,
      async () => okText,
      () => ({ then: (resolve) => resolve(okText) }),
      function () {
        return this.hidden;
      },
    ]) {
      const answer = { status: 200, text, hidden: okText };
      for (const login of [() => answer, async () => answer, () => ({ then: (resolve) => resolve(answer) })]) {
        assert.equal((await scripted({ login }).client.login()).accessToken, "TOKEN");
      }
    }
  });

  it("may have headers", async () => {
    const headers = new Headers({ "retry-after": "3" });
    const send = () => ({ status: 429, headers, text: () => "" });
    assertFields(await rejection(scripted({ send }).client.send(message)), { kind: "refused", retryAfter: 3 });
    for (const headers of [null, "none", { get: () => ({}) }, { get: 5 }]) {
      const odd = { status: 429, headers, text: () => "" };
      assertFields(await rejection(scripted({ send: () => odd }).client.send(message)), { retryAfter: undefined });
    }
  });

  it("whose text fails is `network` with that cause", async () => {
    for (const reason of reasons) {
      for (const text of [
        () => {
          throw reason;
        },
        () => Promise.reject(reason),
      ]) {
        const error = await rejection(scripted({ send: () => ({ status: 200, text }) }).client.send(message));
        assertFields(error, { kind: "network", status: 200, ...nobodyKnows });
        assert.ok(Object.is(error.cause, reason));
      }
    }
  });

  it("whose text is none, or too long, is `unreadable`", async () => {
    for (const text of [5, null, undefined, {}, new String("{}"), Symbol("text"), "x".repeat((1 << 20) + 1)]) {
      const error = await rejection(
        scripted({ send: () => ({ status: 200, text: async () => text }) }).client.send(message),
      );
      assertFields(error, { kind: "unreadable", status: 200, ...nobodyKnows });
    }
    const trap = { status: 200, text: () => trapped("{}") };
    assertFields(await rejection(scripted({ send: () => trap }).client.send(message)), {
      kind: "network",
      ...nobodyKnows,
    });
  });

  it("whose text is far too long is not copied", async () => {
    const { client } = scripted({ send: () => ({ status: 200, text: () => "x".repeat(256 << 20) }) });
    const before = process.memoryUsage().rss;
    assertFields(await rejection(client.send(message)), { kind: "unreadable", ...nobodyKnows });
    assert.ok(process.memoryUsage().rss - before < 128 << 20);
  });

  it("whose text never comes is `timeout`", async () => {
    const send = () => ({ status: 200, text: () => new Promise(() => {}) });
    const error = await rejection(scripted({ send }, { timeout: 50 }).client.send(message));
    assertFields(error, { kind: "timeout", status: 200, ...nobodyKnows });
  });
});

describe("a body that streams", patience, () => {
  const streamed = (source) => new Response(new ReadableStream(source));
  const detached = () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  };
  const answerOf = (read, more) => ({ status: 200, body: { getReader: () => ({ read, ...more }) } });

  it("is put together from its chunks, wherever they cut a character", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...token, token_type: "prêt€" }));
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const login = () =>
      streamed({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      });
    assert.equal((await scripted({ login }).client.login()).tokenType, "prêt€");
  });

  it("is read from a byte stream, and from buffers that are shared or can grow", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(token));
    for (const buffer of [
      new ArrayBuffer(bytes.length, { maxByteLength: 1000 }),
      new SharedArrayBuffer(bytes.length),
      Buffer.alloc(bytes.length).buffer,
    ]) {
      const chunk = new Uint8Array(buffer, 0, bytes.length);
      chunk.set(bytes);
      const chunks = [{ done: false, value: chunk }, { done: true }];
      const login = () => answerOf(async () => chunks.shift());
      assert.equal((await scripted({ login }).client.login()).accessToken, "TOKEN");
    }
    const login = () =>
      streamed({
        type: "bytes",
        start(controller) {
          controller.enqueue(bytes);
          controller.close();
        },
      });
    assert.equal((await scripted({ login }).client.login()).accessToken, "TOKEN");
  });

  it("of empty chunks alone ends, though it lets no timer run", async () => {
    const send = () => answerOf(async () => ({ done: false, value: new Uint8Array(0) }));
    const error = await rejection(scripted({ send }, { timeout: 50 }).client.send(message));
    assertFields(error, { kind: "unreadable", status: 200, ...nobodyKnows });
  });

  it("and breaks is `network` with the cause", async () => {
    for (const reason of reasons.slice(0, 4)) {
      const send = () => streamed({ start: (controller) => controller.error(reason) });
      const error = await rejection(scripted({ send }).client.send(message));
      assertFields(error, { kind: "network", status: 200, ...nobodyKnows });
      assert.ok(Object.is(error.cause, reason));
    }
  });

  it("and falls silent is `timeout`, and is cancelled", async () => {
    let cancelled = 0;
    const send = () =>
      streamed({ start: (controller) => controller.enqueue(new Uint8Array(3)), cancel: () => cancelled++ });
    const error = await rejection(scripted({ send }, { timeout: 50 }).client.send(message));
    assertFields(error, { kind: "timeout", status: 200, ...nobodyKnows });
    assert.equal(cancelled, 1);
  });

  it("and never ends is given up after 1 MiB, and cancelled, whatever cancelling does", async () => {
    for (const cancel of [
      () => {},
      () => Promise.reject(new Error("cancel")),
      () => {
        throw new Error("cancel");
      },
    ]) {
      let pulled = 0;
      const send = () =>
        streamed({ pull: (controller) => controller.enqueue(new Uint8Array(++pulled && 65_536)), cancel });
      assertFields(await rejection(scripted({ send }).client.send(message)), { kind: "unreadable", ...nobodyKnows });
      assert.ok(pulled < 20);
      await turn();
    }
  });

  for (const [name, value] of [
    ["strings", "text"],
    ["numbers", 5],
    ["nothing", undefined],
    ["what only looks like bytes", { byteLength: 4 }],
    ["a whole ArrayBuffer", new ArrayBuffer(4)],
    ["views that are not of bytes", new DataView(new ArrayBuffer(4))],
    ["numbers of two bytes", new Uint16Array(4)],
    ["a size that lies", Object.defineProperty(new Uint8Array(4), "byteLength", { value: -1 })],
  ]) {
    it(`of ${name} is \`unreadable\``, async () => {
      const error = await rejection(
        scripted({ send: () => answerOf(async () => ({ done: false, value })) }).client.send(message),
      );
      assertFields(error, { kind: "unreadable", status: 200, ...nobodyKnows });
    });
  }

  it("of detached bytes settles", async () => {
    const chunks = [{ done: false, value: detached() }, { done: true }];
    const send = () => answerOf(async () => chunks.shift());
    assertFields(await rejection(scripted({ send }).client.send(message)), { kind: "unreadable", ...nobodyKnows });
  });

  it("from a reader that throws, or has no `read`, settles", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    for (const [answer, kind] of [
      [{ status: 200, body: { getReader: boom } }, "unreadable"],
      [answerOf(undefined), "unreadable"],
      [answerOf(boom), "network"],
      [answerOf(boom, { cancel: boom }), "network"],
      [answerOf(() => Promise.reject(new Error("boom")), { cancel: () => trapped() }), "network"],
      [answerOf(async () => null), "unreadable"],
    ]) {
      assertFields(await rejection(scripted({ send: () => answer }).client.send(message)), { kind, ...nobodyKnows });
      await turn();
    }
  });

  it("that is read already is `unreadable`", async () => {
    const answer = json({});
    await answer.text();
    assertFields(await rejection(scripted({ send: () => answer }).client.send(message)), nobodyKnows);
  });

  it("that somebody else reads is `unreadable`", async () => {
    const answer = json({});
    answer.body.getReader();
    const error = await rejection(scripted({ send: () => answer }).client.send(message));
    assertFields(error, { kind: "unreadable", status: 200, ...nobodyKnows });
  });
});

describe("a client whose call failed", patience, () => {
  it("goes on working", async () => {
    const answers = [() => Promise.reject("down"), () => null, () => refusal("ERROR_110"), accepted];
    const { client } = scripted({ send: (request) => answers.shift()(request) });
    for (let failed = 0; failed < 3; failed++) await rejection(client.send(message));
    assert.equal((await client.send(message)).sms[0].status, "sent");
  });
});
