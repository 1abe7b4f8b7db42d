// Values that nobody may read in a log, the calls that take them, and all that can go wrong with these.
import { inspect } from "node:util";
import { CrmClient, measureText, parsePhone } from "paydunya-crm";
import { accepted, json, noStats } from "./scripted-fetch.mjs";

export const canaries = {
  userKey: "uk_CANARY_1f0e3dad99908345f7439f8f",
  secretKey: "sk_CANARY_c20ad4d76fe97759aa27a0c9",
  appKey: "ak_CANARY_6512bd43d9caa6e02c990b0a",
  token: "eyJCANARY.eyJleHAiOjQxMDI0NDQ4MDB9.c51ce410c124",
  number: "784129036",
  text: "Le code de CANARY est 48127",
};
const { userKey, secretKey, appKey, text } = canaries;
const to = `+221${canaries.number}`;
const token = { access_token: canaries.token, token_type: "bearer", expires_in: 3600 };

/** All of them, as somebody would put them into a sentence. */
const sentence = [...Object.values(canaries), to].join(" and ");

/** Every public call that takes a request to the network. */
export const calls = {
  login: (client) => client.login(),
  send: (client) => client.send({ to, text }),
  "send of several": (client) => client.send([{ to, text, id: text }, { to, text: `${text}!` }]),
  stats: (client) => client.stats({ receivers: [to] }),
  async sendAll(client) {
    const { failures } = await client.sendAll([{ to, text }]).report();
    if (failures[0]?.error) throw failures[0].error;
  },
  "an aborted send": (client) => client.send({ to, text }, { signal: AbortSignal.abort() }),
};

const rejecting = (error) => (request) => {
  throw Object.assign(error, { config: request.init, request: { url: request.url, body: request.init.body } });
};

/** Repeats all that the request holds. */
const echoed = (status, change) => (request) => {
  const words = `${request.init.body} of ${request.init.headers.Authorization}`;
  return json({ code: "ERROR_110", ...change(words) }, { status });
};

/** What the API or a `fetch` may do; each gets the request. */
export const faults = {
  "is well": ({ call, ...request }) => ({ login: () => json(token), send: accepted, stats: noStats })[call](request),
  "throws what carries the request": rejecting(new Error("fetch failed")),
  "rejects with what carries the request": async (request) => rejecting(new TypeError("fetch failed"))(request),
  "rejects with words that repeat it": () => Promise.reject(new Error(sentence)),
  "rejects with a string": () => Promise.reject(sentence),
  "resets the connection": () =>
    Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET", syscall: "read" } })),
  "never answers": ({ init }) => new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error(sentence)))),
  "breaks off in the body": () =>
    new Response(new ReadableStream({ pull: (stream) => (stream.enqueue(Buffer.from(sentence)), stream.error(new Error("gone"))) })),
  "gives HTML": () => new Response(`<!DOCTYPE html><pre>${sentence}</pre>`, { status: 502 }),
  "gives HTML as a success": () => new Response(`<pre>${sentence}</pre>`),
  "repeats all in JSON that is none": () => new Response(`{"code":"00","description":"${sentence}`),
  "echoes all in an envelope": echoed(400, (words) => ({ message: words, description: words, data: { words } })),
  "echoes all in the word": echoed(200, (message) => ({ message })),
  "echoes all in place of a code": echoed(200, (code) => ({ code, message: code, description: code })),
  "echoes all beside a refused token": echoed(401, (description) => ({ code: "ERROR_122", description })),
  "echoes all in a success of nothing": echoed(200, (description) => ({ code: "00", description, data: { sms: [description] } })),
  "puts a text in the place of other fields": () => {
    const sms = [{ code: "1", sender_addresss: to.slice(4), receiver_address: to, text }];
    return json({ code: "00", message: "", description: "", data: { sms, valid_number: [{ [to]: text }] } });
  },
  "gives fields of other types": () => json({ code: "00", message: [sentence], description: { sentence }, data: sentence }),
  "sends to another place": () => new Response(sentence, { status: 302, headers: { location: `https://evil.example/?${encodeURI(sentence)}` } }),
  "asks to wait": () => new Response(sentence, { status: 429, headers: { "Retry-After": sentence } }),
  "is busy": () => new Response(sentence, { status: 503, headers: { "Retry-After": "1", "X-Echo": encodeURI(sentence) } }),
  "gives no answer at all": () => undefined,
  "gives a string": () => sentence,
  "gives an answer with other fields": () => ({ status: sentence, text: () => sentence }),
  "gives a text that throws": () => ({ status: 200, text: rejecting(new Error("no text")).bind(undefined, { init: {}, url: "" }) }),
  "gives a token that no header holds": () => json({ ...token, access_token: `${canaries.token}\r\n${sentence}` }),
};

/** What is refused before the network, and all that judges without it. */
export const wrongOptions = {
  ...Object.fromEntries(
    ["userKey", "secretKey", "appKey", "sender", "defaultCountry", "phoneCheck", "smartEncoding", "baseUrl"].flatMap((name) =>
      [`${sentence}\n`, [sentence], { sentence }, `https://${userKey}:${secretKey}@evil.example/?${to}`].map((value, index) => [
        `option ${name}, ${index}`,
        () => new CrmClient({ [name]: value, fetch: sentence }),
      ]),
    ),
  ),
  "options that are a string": () => new CrmClient(sentence),
  "options that are a list": () => new CrmClient([sentence]),
  "an option named by a number": () => new CrmClient({ [to]: userKey }),
  "options of other types": () => new CrmClient({ timeout: sentence, maxRetries: sentence, tokenStore: { get: sentence }, onEvent: sentence }),
  "a call's options": (client) => client.send({ to, text }, { timeout: sentence, signal: sentence }),
  "a message with wrong fields": (client) => client.send([{ to: `${to}${to}`, text: `${text}\u0007`, from: text }, { to: text, text: { text } }]),
  "a message that is a string": (client) => client.send(sentence),
  "a query with wrong fields": (client) => client.stats({ receivers: [text, 7], startDate: sentence, endDate: text }),
  "a query of a text": (client) => client.stats({ receivers: { sentence } }),
  "a query of unknown fields": (client) => client.stats({ receivers: [to], [to]: 1 }),
  "a number that is none": () => parsePhone(`${to}${to}`),
  "a number in words": () => parsePhone(sentence, { defaultCountry: "SN" }),
  "a country that is none": () => parsePhone(to, { defaultCountry: sentence }),
  "a text that is none": () => measureText([sentence]),
  "a check of wrong messages": (client) => client.check([{ to: `${to}9`, text: "", from: text }]),
  "a client that was freed": (client) => (client.free(), client.send({ to, text })),
};

/** A client with the canaries, which is told what happens. */
export function clientOf(script, options = {}) {
  const events = [];
  const fetch = (url, init) => {
    const call = url.slice(url.lastIndexOf("/") + 1);
    const answer = script[call] ?? faults["is well"];
    return answer({ call, url, init, json: JSON.parse(init.body) });
  };
  const onEvent = (event) => events.push(event);
  const client = new CrmClient({ userKey, secretKey, appKey, sender: "MaBoutique", fetch, onEvent, ...options });
  return { client, events };
}

/** A fetch that hangs is waited for only so long. */
export const patience = (fault) => (fault === faults["never answers"] ? { timeout: 50 } : {});

/** What comes of a call. */
export async function outcome(run, script = {}, options) {
  const made = clientOf(script, options);
  try {
    return { ...made, value: await run(made.client) };
  } catch (error) {
    return { ...made, error };
  }
}

/** All that a program could print of a value. */
export function shown(value) {
  const texts = [
    inspect(value, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
    JSON.stringify(value),
    String(value),
    value?.stack,
    ...(typeof value === "object" && value !== null ? Reflect.ownKeys(value).map((key) => `${String(key)}=${String(value[key])}`) : []),
  ];
  try {
    texts.push(inspect(structuredClone(value), { depth: Infinity, showHidden: true }));
  } catch {
    // What cannot be cloned shows nothing.
  }
  return texts.join("\n");
}
