// A server in Deno: POST /order-ready with { "phone": "77 666 55 44", "order": "4512" } texts a customer.
//
//   deno add npm:paydunya-crm
//   PAYDUNYA_USER_KEY=… PAYDUNYA_SECRET_KEY=… PAYDUNYA_APP_KEY=… PAYDUNYA_SENDER=MaBoutique \
//     deno run --allow-net --allow-env deno.mjs
import { CrmClient, isCrmError } from "paydunya-crm";

const crm = new CrmClient({
  userKey: Deno.env.get("PAYDUNYA_USER_KEY"),
  secretKey: Deno.env.get("PAYDUNYA_SECRET_KEY"),
  appKey: Deno.env.get("PAYDUNYA_APP_KEY"),
  sender: Deno.env.get("PAYDUNYA_SENDER"),
  baseUrl: Deno.env.get("PAYDUNYA_BASE_URL"), // set for the sandbox only
  defaultCountry: "SN",
});

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 3000) }, (request) => {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/order-ready") {
    return new Response(null, { status: 404 });
  }
  return orderReady(request);
});

// Whoever may call this sends at your cost: put your own authentication before it.
async function orderReady(request) {
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
