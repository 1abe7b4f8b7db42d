// A backend whose SMS go through a queue: POST /order-ready with { "phone": "77 666 55 44", "order": "4512" } queues one,
// and GET /order-ready/4512 tells what became of it. worker.mjs sends, settle.mjs looks up what is in doubt.
//
//   npm install
//   DATABASE_URL=postgresql://… PAYDUNYA_SENDER=MaBoutique npm start
import Fastify from "fastify";
import { CrmClient } from "paydunya-crm";
import { closeQueue, enqueue, findJob, openQueue, pool, transaction } from "./queue.mjs";

const { PAYDUNYA_SENDER, PORT } = process.env;
const crm = new CrmClient({ sender: PAYDUNYA_SENDER, defaultCountry: "SN" }); // it checks, and needs no keys
const boss = await openQueue();
await pool.query("CREATE TABLE IF NOT EXISTS orders (number text PRIMARY KEY, ready_at timestamptz NOT NULL)");

const app = Fastify({ logger: true });

const schema = {
  body: {
    type: "object",
    required: ["phone", "order"],
    properties: { phone: { type: "string" }, order: { type: "string", pattern: "^[0-9]{1,10}$" } },
  },
};

// Whoever may call this sends at your cost: put your own authentication before it.
app.post("/order-ready", { schema }, async ({ body: { phone, order } }, reply) => {
  const text = `Votre commande ${order} est prête.`;
  const [checked] = crm.check({ to: phone, text }).messages;
  if (!checked.ok) return reply.code(422).send({ issues: checked.issues });
  // The number as the API knows it, so that settle.mjs finds it again.
  const message = { id: idOf(order), to: checked.phone.e164, text };
  // Both or neither: no order is ready without its SMS, and no SMS leaves for one that is not.
  await transaction(async (db) => {
    await db.executeSql("INSERT INTO orders VALUES ($1, now()) ON CONFLICT DO NOTHING", [order]);
    await enqueue(boss, [message], db);
  });
  return reply.code(202).send(await fateOf(order));
});

app.get("/order-ready/:order", async ({ params: { order } }, reply) => {
  return (await fateOf(order)) ?? reply.code(404).send({ status: "not-queued" });
});

async function fateOf(order) {
  const job = await findJob(boss, idOf(order));
  if (job === null) return undefined;
  if (job.state === "completed") return { status: job.output.status, code: job.output.code };
  return { status: { active: "sending", failed: "unknown" }[job.state] ?? "queued" };
}

function idOf(order) {
  return `order-ready-${order}`;
}

app.addHook("onClose", () => closeQueue(boss));
process.once("SIGTERM", () => app.close());
await app.listen({ host: "127.0.0.1", port: Number(PORT ?? 3000) });
