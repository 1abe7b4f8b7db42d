// Nothing is imported, so that a Worker has one copy of the client alone: its own.

const BATCH = 50; // of the API
const LONGEST_DELAY = 43_200; // of Cloudflare Queues: 12 hours

export function smsConsumer({ client, claims }) {
  return async (batch, env) => {
    const crm = typeof client === "function" ? client(env) : client;
    const store = smsClaims(claims(env));
    for (let first = 0; first < batch.messages.length; first += BATCH) {
      await consume(batch.messages.slice(first, first + BATCH), crm, store);
    }
  };
}

export function smsDeadLetters({ claims }) {
  return async (batch, env) => {
    await smsClaims(claims(env)).giveUp(batch.messages.map(idOf));
    batch.ackAll();
  };
}

async function consume(letters, crm, store) {
  const fresh = await store.claim(letters.map(idOf));
  // What is not fresh was sent, or its fate is on record: whoever claimed it answers for it.
  for (const letter of letters.filter((_, index) => !fresh[index])) letter.ack();

  const claimed = letters.filter((_, index) => fresh[index]);
  if (claimed.length === 0) return;
  const { messages } = crm.check(claimed.map(({ body }) => body));
  const valid = claimed.filter((_, index) => messages[index].ok);
  const invalid = claimed.filter((_, index) => !messages[index].ok);
  const fates = invalid.map((letter) => ({ letter, state: "invalid" }));
  if (valid.length > 0) fates.push(...(await send(valid, crm)));

  // On record first: a letter that is acknowledged never comes back.
  await store.settle(fates.map(({ letter, state, code }) => ({ id: idOf(letter), state, code })));
  for (const { letter, state, retry } of fates) {
    if (state === "not-sent") letter.retry(retry);
    else letter.ack();
  }
}

/** What became of each. Only what surely was not sent may come again. */
async function send(letters, crm) {
  try {
    const { sms } = await crm.send(letters.map(({ body }) => body));
    return sms.map(({ status, code }, index) => ({ letter: letters[index], state: status, code }));
  } catch (error) {
    const state = error?.delivery === "not-sent" ? "not-sent" : "unknown";
    const retry = retryOf(error);
    return letters.map((letter) => ({ letter, state, code: error?.code, retry }));
  }
}

function retryOf(error) {
  if (typeof error?.retryAfter !== "number") return undefined;
  return { delaySeconds: Math.min(Math.ceil(error.retryAfter), LONGEST_DELAY) };
}

function idOf({ id, body }) {
  return typeof body?.id === "string" && body.id !== "" ? body.id : id;
}

export function smsClaims(stub) {
  const call = async (name, argument) => {
    const response = await stub.fetch(`https://claims/${name}`, { method: "POST", body: JSON.stringify(argument) });
    if (!response.ok) throw new Error(`The claims object answered ${response.status} to ${name}.`);
    return response.json();
  };
  return {
    claim: (ids) => call("claim", ids),
    settle: (rows) => call("settle", rows),
    giveUp: (ids) => call("giveUp", ids),
    list: (states, { after = "", limit = 1000 } = {}) => call("list", { states, after, limit }),
    counts: () => call("counts", null),
  };
}

export class SmsClaims {
  #storage;

  constructor({ storage }) {
    this.#storage = storage;
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS sms (id TEXT PRIMARY KEY, state TEXT NOT NULL, code TEXT, at INTEGER NOT NULL) WITHOUT ROWID",
    );
  }

  async fetch(request) {
    const call = this.#calls[new URL(request.url).pathname.slice(1)];
    if (call === undefined) return new Response(null, { status: 404 });
    const argument = await request.json();
    // All or nothing; the answer leaves when it is on disk.
    return Response.json(this.#storage.transactionSync(() => call(argument, Date.now())));
  }

  #calls = {
    __proto__: null,
    claim: (ids, now) => ids.map((id) => this.#rows(CLAIM, id, now).length === 1),
    settle: (rows, now) => rows.map(({ id, state, code }) => this.#rows(SETTLE, id, state, code ?? null, now).length === 1),
    giveUp: (ids, now) => ids.map((id) => this.#rows(GIVE_UP, id, now).length === 1),
    list: ({ states, after, limit }) => this.#rows(LIST, JSON.stringify(states), after, limit),
    counts: () => Object.fromEntries(this.#rows(COUNTS).map(({ state, count }) => [state, count])),
  };

  #rows(statement, ...values) {
    return this.#storage.sql.exec(statement, ...values).toArray();
  }
}

// What surely was not sent may be claimed again, everything else once.
const CLAIM = `INSERT INTO sms (id, state, at) VALUES (?, 'claimed', ?)
  ON CONFLICT (id) DO UPDATE SET state = 'claimed', code = NULL, at = excluded.at WHERE state IN ('not-sent', 'gave-up')
  RETURNING id`;
// What is final stays.
const SETTLE = `INSERT INTO sms (id, state, code, at) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, code = excluded.code, at = excluded.at
  WHERE state NOT IN ('sent', 'invalid')
  RETURNING id`;
// A dead letter says nothing of what is claimed, or unknown: it may have been sent.
const GIVE_UP = `INSERT INTO sms (id, state, at) VALUES (?, 'gave-up', ?)
  ON CONFLICT (id) DO UPDATE SET state = 'gave-up', at = excluded.at WHERE state = 'not-sent'
  RETURNING id`;
const LIST = `SELECT id, state, code, at FROM sms
  WHERE state IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT ?`;
const COUNTS = "SELECT state, count(*) AS count FROM sms GROUP BY state";
