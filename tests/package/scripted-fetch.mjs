// What the tests put in the place of the network: fetch functions that follow a script, servers on loopback.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";
import { CrmClient, CrmError } from "paydunya-crm";

export const base = "https://crm.paydunya.com/api/v1";
export const keys = { userKey: "USER-KEY", secretKey: "SECRET-KEY", appKey: "APP-KEY" };
export const message = { from: "SENDER-ID", to: "+221776665544", text: "Un sms de test." };
export const token = { access_token: "TOKEN", token_type: "bearer", expires_in: 3600 };

export const json = (value, init) => new Response(JSON.stringify(value), init);
export const refusal = (code, init) => json({ code, message: "word", description: "A sentence." }, init);

/** The API's answer that it accepted all messages of a send. */
export function accepted({ json: { send_sms_request: request } }, change = (sms) => sms) {
  const sms = request.sms.map(({ from, to, text }, index) =>
    change({ code: `CODE-${index}`, sender_addresss: from, receiver_address: to, text }),
  );
  return json({ code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms } });
}

/** The API's answer that nothing was ever sent to any receiver. */
export function noStats({ json: { sms_sent: request } }) {
  const valid = request.filters.receiver_address.map(({ value }) => ({ [value.slice(1)]: [] }));
  return json({ code: "00", message: "success", description: "The request is success", data: { valid_number: valid } });
}

/**
 * A client whose fetch answers each call by its script, and the requests that it made, with their body read.
 * The script has a function per call, from request to answer; by default the API accepts everything, and the client
 * repeats nothing.
 */
export function scripted(script = {}, options = {}) {
  const answers = { login: () => json(token), send: accepted, stats: noStats, ...script };
  const requests = [];
  const fetch = function (...input) {
    const [url, init] = input;
    const call = url.slice(url.lastIndexOf("/") + 1);
    const request = { call, url, init, json: JSON.parse(init.body), input, receiver: this };
    requests.push(request);
    return answers[call](request);
  };
  const client = new CrmClient({ ...keys, fetch, maxRetries: 0, ...options });
  return { client, fetch, requests, count: (call) => requests.filter((request) => request.call === call).length };
}

/** The `CrmError` that a call rejects with. */
export async function rejection(promise) {
  assert.ok(promise instanceof Promise, "a call gives a promise, whatever happens");
  const error = await promise.then(
    (value) => assert.fail(`It resolved to ${JSON.stringify(value)}.`),
    (error) => error,
  );
  assert.ok(error instanceof CrmError, String(error));
  return error;
}

/** The `CrmError` that a function throws. */
export function thrown(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof CrmError, String(error));
    return error;
  }
  assert.fail("It did not throw.");
}

/** Asserts some fields of an error; `undefined` says that there is none of that name. */
export function assertFields(error, fields) {
  const found = Object.fromEntries(Object.keys(fields).map((name) => [name, error[name]]));
  assert.deepEqual(found, fields, error.message);
}

/** Asserts the field, index, reason and code of each issue. */
export function assertIssues(issues, expected) {
  assert.deepEqual(
    issues.map(({ field, index, reason, code }) => [field, index, reason, code]),
    expected,
  );
}

/** A server on loopback; gives its base URL. It ends with the test. */
export async function serve(t, answer) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A base URL of loopback where nothing listens. */
export async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

/** Fails the file's tests if anything is thrown or rejected that nobody catches. */
export function forbidStrayErrors() {
  const strays = [];
  const keep = (error) => strays.push(error);
  process.on("uncaughtException", keep);
  process.on("unhandledRejection", keep);
  after(async () => {
    await turn();
    process.off("uncaughtException", keep);
    process.off("unhandledRejection", keep);
    assert.deepEqual(strays, []);
  });
}

/**
 * Lets the waits between a client's attempts pass at once; gives their lengths in ms. The dice give the longest. What a
 * client of the default `timeout` waits for otherwise (an answer, its store, another call's login, its own next sign of
 * life) stays as it is.
 */
export function hurried(t) {
  const { setTimeout } = globalThis;
  const waits = [];
  t.mock.method(Math, "random", () => 1);
  t.mock.method(globalThis, "setTimeout", (handler, ms, ...rest) => {
    if ([25, 400, 3_000, 30_000].includes(ms)) return setTimeout(handler, ms, ...rest);
    waits.push(ms);
    return setTimeout(handler, 0, ...rest);
  });
  return waits;
}

/** Lets everything run that can run now. */
export const turn = () => new Promise(setImmediate);

export async function until(condition) {
  while (!condition()) await turn();
}
