// Looks up what may have been sent: run it every quarter of an hour. What the API knows becomes `completed`, the rest
// stays `failed`. It prints the ids of those, as they wait for you: that the API does not know a message yet is no proof.
//
//   DATABASE_URL=… PAYDUNYA_USER_KEY=… PAYDUNYA_SECRET_KEY=… PAYDUNYA_APP_KEY=… npm run settle
import { CrmClient } from "paydunya-crm";
import { QUEUE, closeQueue, openQueue, pool } from "./queue.mjs";

const [minutes = "15"] = process.argv.slice(2); // for so long the API may not know of a message that it has taken
const { PAYDUNYA_USER_KEY, PAYDUNYA_SECRET_KEY, PAYDUNYA_APP_KEY, PAYDUNYA_BASE_URL } = process.env;
const crm = new CrmClient({
  userKey: PAYDUNYA_USER_KEY,
  secretKey: PAYDUNYA_SECRET_KEY,
  appKey: PAYDUNYA_APP_KEY,
  baseUrl: PAYDUNYA_BASE_URL, // set for the sandbox only
});
const boss = await openQueue();
await boss.expire(); // those whose worker died become `failed` now

// pg-boss has no call for this.
const { rows: held } = await pool.query(
  `SELECT id, data, started_on FROM sms.job
   WHERE name = $1 AND state = 'failed' AND started_on < now() - make_interval(mins => $2) ORDER BY started_on, id`,
  [QUEUE, minutes],
);
const codes = held.length > 0 ? await codesOf(held) : new Map();
const open = [];
for (const { id, data } of held) {
  // Messages with one number and text cannot be told apart, but each code is that of one.
  const code = codes.get(keyOf(data))?.shift();
  if (code === undefined) open.push(data.id);
  else await complete(id, code);
}
console.log(`${held.length - open.length} of ${held.length} were sent.`);
for (const id of open) console.log(id);
await closeQueue(boss);

/** The codes that the API has for these messages, and that are of no other job. */
async function codesOf(held) {
  const startDate = new Date(held[0].started_on.getTime() - 60_000); // the API's clock may differ
  const receivers = [...new Set(held.map(({ data }) => data.to))];
  const { validNumbers } = await crm.stats({ receivers, startDate });
  const codes = new Map();
  for (const { number, sms } of validNumbers) {
    for (const { code, content } of sms) {
      const key = keyOf({ to: number, text: content });
      codes.set(key, [...(codes.get(key) ?? []), code]);
    }
  }
  // Asked after the API, so that whatever it has counted is among them.
  const { rows: others } = await pool.query(
    "SELECT state, data, output FROM sms.job WHERE name = $1 AND state >= 'active' AND data->>'to' = ANY($2) AND id <> ALL($3)",
    [QUEUE, receivers, held.map(({ id }) => id)],
  );
  for (const { state, data, output } of others) {
    const key = keyOf(data);
    const left = state === "completed" ? codes.get(key)?.filter((code) => code !== output.code) : [];
    codes.set(key, left ?? []); // none, where one that is on its way may have any of them
  }
  return codes;
}

function keyOf({ to, text }) {
  return JSON.stringify([to, text.normalize()]);
}

function complete(id, code) {
  return pool.query(
    "UPDATE sms.job SET state = 'completed', completed_on = now(), output = $3 WHERE name = $1 AND id = $2 AND state = 'failed'",
    [QUEUE, id, { status: "sent", code }],
  );
}
