// Sends through a client and through a hand-written fetch, in turn: one message in a POST, and fifty where the client can.
//
// usage: node send.mjs <file in clients/> <origin of the server> <effort as JSON>
import { timed } from "../comparison.mjs";
import * as written from "../clients/fetch.mjs";
import { messages } from "../messages.mjs";

const [file, origin, effort] = process.argv.slice(2);
const subject = await import(`../clients/${file}.mjs`);
// In E.164, as the API gets them: a hand-written fetch would not rewrite a number.
const batch = messages(50).map(({ text }, i) => ({ to: `+2217766655${10 + i}`, text }));

const sides = { fetch: written, client: subject };
const contenders = Object.entries(sides).flatMap(([name, side]) => {
  const client = side.create(side.loopback(origin));
  const one = { name: `${name}-1`, run: () => side.send(client, batch[0]), rows: 1 };
  return subject.sendBatch ? [one, { name: `${name}-50`, run: () => side.sendBatch(client, batch), rows: 50 }] : [one];
});
const results = {};
// Milliseconds. A second is enough for a `fetch`; until V8 has compiled the wasm's functions for good, it takes four.
const first = subject.sendBatch ? 4000 : 1000;
for (const [atOnce, warmUp] of [[1, first], [50, 200]]) {
  const times = await timed(contenders.map((contender) => ({ ...contender, atOnce })), { ...JSON.parse(effort), warmUp });
  results[atOnce] = Object.fromEntries(contenders.map(({ name }, place) => [name, times[place]]));
}
console.log(JSON.stringify(results));
process.exit();
