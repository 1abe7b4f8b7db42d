// Prints all that a careless program would of every call and fault; secrets.test.mjs reads it. An error's `cause` is
// the caller's own, so only those are printed whose cause holds nothing.
import { calls, faults, outcome, patience, wrongOptions } from "./canaries.mjs";

const { setTimeout } = globalThis;
// No wait between two attempts.
globalThis.setTimeout = (handler, ms, ...rest) => setTimeout(handler, [25, 30_000].includes(ms) ? ms : 0, ...rest);

const carrying = /carries the request|words that repeat|with a string|never answers|text that throws/;
let printed = 0;
function print(what, { client, events, error }) {
  printed += 1;
  console.log(what, client, events);
  if (error) console.error(error, `${error}`, error.stack, JSON.stringify(error), error.issues);
}

for (const [name, fault] of Object.entries(faults)) {
  if (carrying.test(name)) continue;
  for (const at of ["login", "send", "stats"]) {
    for (const [call, run] of Object.entries(calls)) print(`${call} ${at} ${name}`, await outcome(run, { [at]: fault }, patience(fault)));
  }
}
for (const [name, run] of Object.entries(wrongOptions)) print(name, await outcome(run));
console.log("printed", printed);

// And one that nobody catches.
const { error } = await outcome(calls.send, { send: faults["echoes all in an envelope"] });
throw error;
