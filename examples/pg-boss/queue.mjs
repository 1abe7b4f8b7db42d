// The queue: pg-boss's tables in your own PostgreSQL. Whatever opens it does so here, so that all have the same settings.
import { createHash } from "node:crypto";
import pg from "pg";
import PgBoss from "pg-boss";

export const QUEUE = "sms";
export const LONGEST_SEND = 120_000; // ms; what has not left by then is put back

// Of each job, whatever the queue was made with.
const settings = {
  retryLimit: 0, // by default 2: a job would be sent again when its worker has died after the POST
  expireInSeconds: 300, // then its worker is given up for dead: more than LONGEST_SEND, and time to record the outcome
};
const NINETY_DAYS = 90 * 24 * 60 * 60;

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
pool.on("error", ({ message }) => console.error(message)); // of an idle connection; the next query opens another

export async function openQueue() {
  const boss = new PgBoss({
    db: databaseOf(pool),
    schema: "sms", // not shared: whoever opens a schema archives its jobs, by settings of their own
    schedule: false, // no cron
    archiveCompletedAfterSeconds: NINETY_DAYS, // by default 12 hours; after it an id is taken again
    archiveFailedAfterSeconds: NINETY_DAYS, // and settle.mjs does not see the job any more
  });
  boss.on("error", ({ message }) => console.error(message));
  await boss.start();
  await boss.createQueue(QUEUE);
  return boss;
}

export async function closeQueue(boss) {
  await boss.stop();
  await pool.end();
}

/** Puts any number of messages into the queue. It takes each id once, however often you put it. */
export function enqueue(boss, messages, db = databaseOf(pool)) {
  const jobs = messages.map((message) => ({ name: QUEUE, id: jobId(message.id), data: message, ...settings }));
  return boss.insert(jobs, { db });
}

export const findJob = (boss, id) => boss.getJobById(QUEUE, jobId(id));

/** Does all of it or nothing; `work` gets what pg-boss takes as `db`. */
export async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(databaseOf(client));
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    client.release(error); // closes the connection, and so takes all of it back
    throw error;
  }
}

const databaseOf = (client) => ({ executeSql: (text, values) => client.query(text, values) });

// pg-boss takes UUIDs alone: this is one that stands for the id of your own.
const jobId = (id) => createHash("sha256").update(id).digest("hex").slice(0, 32);
