// The adapter: sends some jobs of the queue, and records what became of each.
import { LONGEST_SEND, QUEUE, transaction } from "./queue.mjs";

export async function sendBatch(boss, crm, size) {
  // When this resolves they are `active` in the database, and nothing has left. Where the worker dies from here on, they
  // expire and end as `failed`, without being sent again.
  const jobs = await boss.fetch(QUEUE, { batchSize: size });
  const messages = jobs.map(({ id, data }) => ({ ...data, job: id }));
  const campaign = crm.sendAll(messages, { signal: AbortSignal.timeout(LONGEST_SEND) });
  const outcomes = [];
  for await (const outcome of campaign) outcomes.push(outcome);
  const report = await campaign.report();
  // The API refuses fifty for one of them and does not say which, or it refuses the account.
  const refusalIsFinal = messages.length === 1 && report.stoppedBecause === undefined;
  await transaction(async (db) => {
    for (const { message, status, code, issues, error } of outcomes) {
      const why = error?.message ?? issues?.find(({ severity }) => severity === "error")?.message;
      const output = { status, code, why };
      const isFinal = status === "sent" || status === "invalid" || (status === "refused" && refusalIsFinal);
      if (isFinal) await boss.complete(QUEUE, message.job, output, { db });
      else await boss.fail(QUEUE, message.job, output, { db });
      // `failed` is for what may have been sent. The rest surely was not: back into the queue.
      if (!isFinal && status !== "unknown") await boss.retry(QUEUE, message.job, { db });
    }
  });
  return report;
}
