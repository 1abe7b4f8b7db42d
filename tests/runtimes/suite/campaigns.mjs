// Any number of messages.
import { equal, ok } from "./assertions.mjs";
import { account, calls, messages } from "./account.mjs";

async function collect(campaign) {
  const outcomes = [];
  for await (const outcome of campaign) outcomes.push(outcome);
  return outcomes;
}

const sends = (report) => calls(report).filter((call) => call === "send").length;

export const campaigns = (suite) => ({
  async "sends an array, and gives an outcome for each row, in order"() {
    const { client, report } = await account(suite);
    const rows = messages(120);
    rows[7] = { to: "7", text: "" };
    const outcomes = await collect(client().sendAll(rows));
    equal(
      outcomes.map(({ message }) => message),
      rows,
    );
    equal(
      outcomes.map(({ status }) => status),
      rows.map((_, index) => (index === 7 ? "invalid" : "sent")),
    );
    const known = await report();
    equal([known.sent.length, sends(known)], [119, 3]);
  },
  async "sends what a generator, an async generator and a web stream give"() {
    const { client, report } = await account(suite);
    const crm = client();
    const rows = messages(180);
    function* generated(from) {
      yield* rows.slice(from, from + 60);
    }
    async function* slowly() {
      for (const row of generated(60)) {
        await null;
        yield row;
      }
    }
    const stream = new ReadableStream({
      start(controller) {
        for (const row of generated(120)) controller.enqueue(row);
        controller.close();
      },
    });
    for (const source of [generated(0), slowly(), stream]) equal((await crm.sendAll(source).report()).sent, 60);
    equal((await report()).sent.length, 180);
  },
  async "does not wait for a source that gives nothing more"() {
    const { client } = await account(suite);
    async function* silent() {
      yield* messages(3);
      await new Promise(() => {});
    }
    let seen = 0;
    for await (const { status } of client().sendAll(silent())) {
      equal(status, "sent");
      if (++seen === 3) break;
    }
  },
  async "stops when the reader leaves"() {
    const { client, report } = await account(suite);
    const campaign = client().sendAll(messages(5_000));
    for await (const { index } of campaign) if (index === 10) break;
    const { sent, skipped, total, stoppedBecause } = await campaign.report();
    equal([stoppedBecause, sent + skipped], ["closed", total]);
    const known = await report();
    equal(known.sent.length, sent);
    ok(sent < 5_000, `${sent} were sent`);
  },
  async "ends when it is aborted"() {
    const { client, report } = await account(suite, { latency: 10_000 });
    const controller = new AbortController();
    const ended = client().sendAll(messages(500), { signal: controller.signal }).report();
    await report({ received: 1 });
    controller.abort();
    const { stoppedBecause, total, sent } = await ended;
    equal([stoppedBecause, total, sent], ["aborted", 500, 0]);
  },
  async "keeps its rate"() {
    const { client } = await account(suite);
    const start = Date.now();
    equal((await client().sendAll(messages(30), { ratePerSecond: 20 }).report()).sent, 30);
    ok(Date.now() - start >= 990, `it took ${Date.now() - start} ms`);
  },
});
