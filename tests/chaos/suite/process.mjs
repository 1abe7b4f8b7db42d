// A process that runs a campaign with a FileJournal, and may be killed at any time:
//
//   node process.mjs '{"baseUrl":…,"file":…,"seed":1,"count":1000,"steps":["send"],"timeout":500,"bug":…}'
//
// A step is "send", "reconcile" or "requeue". What becomes of each message is told on the standard output as soon as it
// is known, as a line of JSON.
import { CrmClient } from "paydunya-crm";
import { FileJournal } from "paydunya-crm/node";
import { planted } from "./planted.mjs";
import { rowsOf } from "./rows.mjs";

const { baseUrl, file, seed, count, steps, timeout, bug } = JSON.parse(process.argv[2]);
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const journal = await FileJournal.open(file);
const { options, sending = journal, reconciling = journal, before } = planted(bug, journal);
const crm = new CrmClient({
  userKey: "user-key",
  secretKey: "secret-key",
  appKey: "app-key",
  sender: "MaBoutique",
  baseUrl,
  maxRetries: 1,
  ...options,
});
for (const step of steps) {
  if (step === "send") {
    await before?.(crm);
    const campaign = crm.sendAll(rowsOf(seed, count), { journal: sending, concurrency: 2, timeout });
    for await (const { index, status, code, issues } of campaign) {
      tell({ index, status, code, isBehind: issues?.some(({ reason }) => reason === "duplicate") });
    }
    const { stoppedBecause } = await campaign.report();
    tell({ ended: step, stoppedBecause });
  } else {
    tell({ ended: step, ...(await crm.reconcile(reconciling, { settle: 0, requeue: step === "requeue" })) });
  }
}
await journal.close();
