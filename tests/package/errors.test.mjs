// What goes wrong on the way to the API and back: always a `CrmError` of the right kind, never a hang.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { CrmClient } from "paydunya-crm";
import {
  assertFields,
  forbidStrayErrors,
  json,
  keys,
  message,
  refusal,
  rejection,
  scripted,
  serve,
  token,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 20_000 };
const nobodyKnows = { delivery: "unknown", attempts: 1 };

describe("wrong keys and tokens", patience, () => {
  it("a wrong key is `credentials`, and nothing is posted but the login", async () => {
    const { client, requests } = scripted({ login: () => refusal("ERROR_117", { status: 401 }) });
    const fields = { kind: "credentials", code: "ERROR_117", status: 401, attempts: 0 };
    assertFields(await rejection(client.send(message)), { ...fields, delivery: "not-sent" });
    assertFields(await rejection(client.stats({ receivers: message.to })), { ...fields, delivery: undefined });
    assertFields(await rejection(client.login()), { ...fields, delivery: undefined });
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "login", "login"],
    );
  });

  it("a 401 without an envelope is `credentials`", async () => {
    const atLogin = scripted({ login: () => new Response("Unauthorized", { status: 401 }) });
    assertFields(await rejection(atLogin.client.send(message)), {
      kind: "credentials",
      delivery: "not-sent",
      status: 401,
    });
    const atSend = scripted({ send: () => new Response("Unauthorized", { status: 401 }) });
    assertFields(await rejection(atSend.client.send(message)), {
      kind: "credentials",
      delivery: "not-sent",
      attempts: 2,
    });
  });

  it("a token that is refused for ever is `credentials` after one renewal", async () => {
    const { client, requests } = scripted({ send: () => refusal("ERROR_121") });
    assertFields(await rejection(client.send(message)), { kind: "credentials", delivery: "not-sent", attempts: 2 });
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send", "login", "send"],
    );
  });

  it("a token that no header may hold is `unreadable`, and is not repeated", async () => {
    const { client } = scripted({ login: () => json({ ...token, access_token: "to\r\nken" }) });
    const error = await rejection(client.send(message));
    assertFields(error, { kind: "unreadable", delivery: "not-sent", attempts: 0 });
    assert.ok(!error.message.includes("ken"));
  });

  it("missing keys are `invalid`, and named", async () => {
    for (const missing of Object.keys(keys)) {
      const { client, requests } = scripted({}, { [missing]: undefined });
      const error = await rejection(client.send(message));
      assertFields(error, { kind: "invalid", delivery: "not-sent", attempts: 0 });
      assert.equal(error.issues[0].reason, "missing");
      assert.equal(error.message, `option ${missing}: missing: give it to the constructor`);
      assert.equal(requests.length, 0);
    }
  });
});

describe("connections", patience, () => {
  it("a reset before the answer is `network`, and nobody knows", async (t) => {
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") response.end(JSON.stringify(token));
      else request.resume().on("end", () => request.socket.resetAndDestroy());
    });
    const error = await rejection(new CrmClient({ ...keys, baseUrl }).send(message));
    assertFields(error, { kind: "network", status: undefined, ...nobodyKnows });
    assert.ok(error.cause instanceof TypeError);
  });

  it("a reset in the middle of the answer is `network` with its status", async (t) => {
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") return response.end(JSON.stringify(token));
      response
        .writeHead(200, { "content-length": 1000 })
        .write('{"code":"00",', () => request.socket.resetAndDestroy());
    });
    const error = await rejection(new CrmClient({ ...keys, baseUrl }).send(message));
    assertFields(error, { kind: "network", status: 200, ...nobodyKnows });
  });

  it("an answer that cannot be read shows nothing of itself", async (t) => {
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") return response.end(JSON.stringify(token));
      request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: CANARY\r\n\r\nCANARY");
    });
    const error = await rejection(new CrmClient({ ...keys, baseUrl }).send(message));
    assertFields(error, { kind: "network", ...nobodyKnows });
    assert.equal(error.cause.cause.name, "HTTPParserError");
    assert.ok(!inspect(error, { depth: Infinity, showHidden: true }).includes("CANARY"));
  });

  it("a redirect is not followed", async (t) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const urls = [];
      const baseUrl = await serve(t, (request, response) => {
        urls.push(request.url);
        if (request.url === "/auth/login") return response.end(JSON.stringify(token));
        response.writeHead(status, { location: "/elsewhere" }).end();
      });
      const error = await rejection(new CrmClient({ ...keys, baseUrl }).send(message));
      assertFields(error, { kind: "unreadable", status, ...nobodyKnows });
      assert.deepEqual(urls, ["/auth/login", "/sms/send"]);
    }
  });

  it("nothing within `timeout` is `timeout`, before the headers and after them", async (t) => {
    for (const headers of [false, true]) {
      const baseUrl = await serve(t, (request, response) => {
        if (request.url === "/auth/login") response.end(JSON.stringify(token));
        else if (headers) response.writeHead(200).write('{"code":');
      });
      const client = new CrmClient({ ...keys, baseUrl });
      await client.login();
      const error = await rejection(client.send(message, { timeout: 50 }));
      assertFields(error, { kind: "timeout", status: headers ? 200 : undefined, cause: undefined, ...nobodyKnows });
    }
  });

  it("a login that hangs is `timeout`, and nothing was sent", async (t) => {
    const baseUrl = await serve(t, () => {});
    const error = await rejection(new CrmClient({ ...keys, baseUrl, timeout: 50 }).send(message));
    assertFields(error, { kind: "timeout", delivery: "not-sent", attempts: 0 });
  });

  it("an answer that unpacks to more than 1 MiB is not read", async (t) => {
    const bomb = gzipSync(Buffer.alloc(200 << 20));
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") response.end(JSON.stringify(token));
      else response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const before = process.memoryUsage().arrayBuffers;
    const error = await rejection(new CrmClient({ ...keys, baseUrl }).send(message));
    assertFields(error, { kind: "unreadable", status: 200, ...nobodyKnows });
    assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20);
  });
});

describe("answers that are not the API's", patience, () => {
  const html = "<!DOCTYPE html><title>502 Bad Gateway</title>";
  for (const [name, answer, status] of [
    ["HTML", () => new Response(html), 200],
    ["HTML of a gateway", () => new Response(html, { status: 502 }), 502],
    ["an empty body", () => new Response(""), 200],
    ["a 204", () => new Response(null, { status: 204 }), 204],
    ["a 304", () => new Response(null, { status: 304 }), 304],
    ["half of an envelope", () => new Response('{"code":"00","mess'), 200],
    ["an array", () => new Response('["00","sms_sent"]'), 200],
    ["a null", () => json(null), 200],
    ["a code that is a number", () => json({ code: 0 }), 200],
    ["JSON that is a million deep", () => new Response('{"code":' + "[".repeat(500_000)), 200],
    [
      "JSON that is a million deep, in the data",
      () => new Response(`{"code":"00","data":${"[".repeat(400_000)}${"]".repeat(400_000)}}`),
      200,
    ],
    ["1 MiB and a byte", () => new Response(" ".repeat((1 << 20) + 1)), 200],
    ["bytes that are no UTF-8", () => new Response(new Uint8Array([0xff, 0xfe, 0x00])), 200],
    ["a 404", () => new Response("Not Found", { status: 404 }), 404],
    ["a 503", () => new Response("", { status: 503 }), 503],
  ]) {
    it(`${name} is \`unreadable\``, async () => {
      const atSend = scripted({ send: answer }, { maxRetries: 2 });
      const error = await rejection(atSend.client.send(message));
      assertFields(error, { kind: "unreadable", status, code: undefined, ...nobodyKnows });
      assert.ok(!error.message.includes("DOCTYPE"));
      assert.equal(atSend.count("send"), 1);

      const atLogin = await rejection(scripted({ login: answer }).client.send(message));
      assertFields(atLogin, { kind: "unreadable", delivery: "not-sent", status, attempts: 0 });
      const atStats = await rejection(scripted({ stats: answer }).client.stats({ receivers: message.to }));
      assertFields(atStats, { kind: "unreadable", delivery: undefined, status, attempts: 1 });
    });
  }

  it("429 and 413 are `refused`, with the seconds to wait", async () => {
    for (const [status, headers, retryAfter] of [
      [429, { "Retry-After": "7" }, 7],
      [429, {}, undefined],
      [413, {}, undefined],
    ]) {
      const { client } = scripted({ send: () => new Response("no", { status, headers }) });
      assertFields(await rejection(client.send(message)), {
        kind: "refused",
        delivery: "not-sent",
        status,
        retryAfter,
      });
    }
  });

  it("an envelope counts more than the status, and a byte order mark is nothing", async () => {
    const { client } = scripted({ send: () => refusal("ERROR_107", { status: 503 }) });
    assertFields(await rejection(client.send(message)), { kind: "refused", delivery: "not-sent", status: 503 });
    const marked = scripted({ login: () => new Response(`\ufeff${JSON.stringify(token)}`) });
    assert.equal((await marked.client.login()).accessToken, "TOKEN");
  });
});
