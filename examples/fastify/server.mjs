// A backend with Fastify: POST /order-ready with { "phone": "77 666 55 44", "order": "4512" } texts a customer.
//
//   npm install
//   PAYDUNYA_USER_KEY=… PAYDUNYA_SECRET_KEY=… PAYDUNYA_APP_KEY=… PAYDUNYA_SENDER=MaBoutique npm start
import Fastify from "fastify";
import { CrmClient, isCrmError } from "paydunya-crm";

const { PAYDUNYA_USER_KEY, PAYDUNYA_SECRET_KEY, PAYDUNYA_APP_KEY, PAYDUNYA_SENDER, PAYDUNYA_BASE_URL, PORT } = process.env;
const crm = new CrmClient({
  userKey: PAYDUNYA_USER_KEY,
  secretKey: PAYDUNYA_SECRET_KEY,
  appKey: PAYDUNYA_APP_KEY,
  sender: PAYDUNYA_SENDER,
  baseUrl: PAYDUNYA_BASE_URL, // set for the sandbox only
  defaultCountry: "SN",
});

const app = Fastify({ logger: true });

const schema = {
  body: {
    type: "object",
    required: ["phone", "order"],
    properties: { phone: { type: "string" }, order: { type: "string", pattern: "^[0-9]{1,10}$" } },
  },
};

// Whoever may call this sends at your cost: put your own authentication before it.
app.post("/order-ready", { schema }, async ({ body: { phone, order }, log }, reply) => {
  const message = { to: phone, text: `Votre commande ${order} est prête.` };
  const [{ ok, issues }] = crm.check(message).messages;
  if (!ok) return reply.code(422).send({ issues });
  try {
    const { sms } = await crm.send(message);
    const [{ status, code }] = sms;
    return reply.code(status === "sent" ? 200 : 202).send({ status, code });
  } catch (error) {
    if (!isCrmError(error)) throw error;
    log.error({ order, kind: error.kind, delivery: error.delivery }, error.message);
    // Perhaps it was sent: keep the order for a look at `stats`, and don't send it again.
    if (error.delivery === "unknown") return reply.code(202).send({ status: "unknown" });
    if (error.retryAfter !== undefined) reply.header("retry-after", error.retryAfter);
    return reply.code(503).send({ status: "not-sent" });
  }
});

await app.listen({ host: "127.0.0.1", port: Number(PORT ?? 3000) });
