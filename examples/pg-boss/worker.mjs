// Texts what is in the queue. Start as many as you like; SIGTERM ends one after the batch that it has in hand.
//
//   DATABASE_URL=… PAYDUNYA_USER_KEY=… PAYDUNYA_SECRET_KEY=… PAYDUNYA_APP_KEY=… PAYDUNYA_SENDER=MaBoutique npm run worker
import { setTimeout as sleep } from "node:timers/promises";
import { CrmClient } from "paydunya-crm";
import { closeQueue, openQueue } from "./queue.mjs";
import { sendBatch } from "./send-batch.mjs";

const { PAYDUNYA_USER_KEY, PAYDUNYA_SECRET_KEY, PAYDUNYA_APP_KEY, PAYDUNYA_SENDER, PAYDUNYA_BASE_URL } = process.env;
const crm = new CrmClient({
  userKey: PAYDUNYA_USER_KEY,
  secretKey: PAYDUNYA_SECRET_KEY,
  appKey: PAYDUNYA_APP_KEY,
  sender: PAYDUNYA_SENDER,
  baseUrl: PAYDUNYA_BASE_URL, // set for the sandbox only
});
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
const pause = (ms) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});

await crm.login(); // wrong keys end it here, before it takes a job
const boss = await openQueue();
console.log("Waiting for messages.");

// One message goes alone at first and after trouble, then twice as many each time: so an API that is down leaves one in
// doubt instead of fifty, and a message for which the API refuses its batch is found.
let size = 1;
while (!stop.signal.aborted) {
  const { total, sent, invalid, refused, failures, stoppedBecause } = await sendBatch(boss, crm, size);
  for (const { message, status, error } of failures) console.error(message.id, status, error?.message ?? "");
  if (total === 0) {
    await pause(1000);
    continue;
  }
  console.log(`${sent} of ${total} sent`);
  size = sent + invalid === total ? Math.min(size * 2, 50) : 1;
  if (stoppedBecause !== undefined || sent + invalid + refused < total) await pause(30_000);
}
await closeQueue(boss);
