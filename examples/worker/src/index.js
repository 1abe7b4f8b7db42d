// A Worker: POST /order-ready with { "phone": "77 666 55 44", "order": "4512" } texts a customer.
//
//   npm install
//   npx wrangler secret put PAYDUNYA_USER_KEY    and so for PAYDUNYA_SECRET_KEY and PAYDUNYA_APP_KEY
//   npx wrangler deploy                          or `npx wrangler dev`, with the keys in .dev.vars
import { CrmClient, isCrmError } from "paydunya-crm";

export default {
  async fetch(request, env) {
    if (request.method !== "POST" || new URL(request.url).pathname !== "/order-ready") {
      return new Response(null, { status: 404 });
    }
    return orderReady(request, clientOf(env));
  },
};

// One for all requests of an isolate, which share its token.
let client;

function clientOf(env) {
  return (client ??= new CrmClient({
    userKey: env.PAYDUNYA_USER_KEY,
    secretKey: env.PAYDUNYA_SECRET_KEY,
    appKey: env.PAYDUNYA_APP_KEY,
    sender: env.PAYDUNYA_SENDER,
    baseUrl: env.PAYDUNYA_BASE_URL, // set for the sandbox only
    defaultCountry: "SN",
  }));
}

// Whoever may call this sends at your cost: put your own authentication before it.
async function orderReady(request, crm) {
  const { phone, order } = (await request.json().catch(() => null)) ?? {};
  if (!/^[0-9]{1,10}$/.test(order)) return Response.json({ status: "bad-request" }, { status: 400 });
  const message = { to: phone, text: `Votre commande ${order} est prête.` };
  const [{ ok, issues }] = crm.check(message).messages;
  if (!ok) return Response.json({ issues }, { status: 422 });
  try {
    const { sms } = await crm.send(message);
    const [{ status, code }] = sms;
    return Response.json({ status, code }, { status: status === "sent" ? 200 : 202 });
  } catch (error) {
    if (!isCrmError(error)) throw error;
    console.error(`order ${order}, ${error.kind}, ${error.delivery}: ${error.message}`);
    // Perhaps it was sent: keep the order for a look at `stats`, and don't send it again.
    if (error.delivery === "unknown") return Response.json({ status: "unknown" }, { status: 202 });
    const headers = error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) };
    return Response.json({ status: "not-sent" }, { status: 503, headers });
  }
}
