// A Worker with a queue: POST /messages with [{ "id", "to", "text" }, …] puts them into it, and the consumer texts each once.
// GET /messages counts them by state; GET /messages?state=unknown lists those to be looked up in `stats`.
//
//   npm install
//   npx wrangler queues create sms
//   npx wrangler queues create sms-dead-letters
//   npx wrangler secret put PAYDUNYA_USER_KEY    and so for PAYDUNYA_SECRET_KEY and PAYDUNYA_APP_KEY
//   npx wrangler deploy                          or `npx wrangler dev`, with the keys in .dev.vars
import { CrmClient } from "paydunya-crm";
import { smsClaims, smsConsumer, smsDeadLetters } from "paydunya-crm/cloudflare-queues";

export { SmsClaims } from "paydunya-crm/cloudflare-queues";

const claims = (env) => env.SMS_CLAIMS.get(env.SMS_CLAIMS.idFromName("shop"));
const send = smsConsumer({ client: clientOf, claims });
const giveUp = smsDeadLetters({ claims });

export default {
  // Whoever may call this sends at your cost: put your own authentication before it.
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/messages") return new Response(null, { status: 404 });
    if (request.method === "POST") return enqueue(await request.json(), env);
    const store = smsClaims(claims(env));
    const state = searchParams.get("state");
    return Response.json(await (state ? store.list([state]) : store.counts()));
  },
  queue: (batch, env) => (batch.queue === "sms" ? send : giveUp)(batch, env),
};

// One for all batches of an isolate, which share its token.
let client;

function clientOf(env) {
  return (client ??= new CrmClient({
    userKey: env.PAYDUNYA_USER_KEY,
    secretKey: env.PAYDUNYA_SECRET_KEY,
    appKey: env.PAYDUNYA_APP_KEY,
    sender: env.PAYDUNYA_SENDER,
    baseUrl: env.PAYDUNYA_BASE_URL, // set for the sandbox only
    defaultCountry: "SN",
    maxRetries: 0, // the queue retries
  }));
}

async function enqueue(messages, env) {
  // 100 is the most that a queue takes at once.
  for (let first = 0; first < messages.length; first += 100) {
    await env.SMS.sendBatch(messages.slice(first, first + 100).map((body) => ({ body })));
  }
  return Response.json({ queued: messages.length }, { status: 202 });
}
