// The faults that a campaign meets, and how the process that holds a campaign can be killed by the server that holds its
// request.
import { faults as all } from "../faults/faults.mjs";

const of = (name) => all.find((fault) => fault.name === name);
const page = "<!doctype html><title>Gateway</title>";

/** After half a body and no HTTP the messages were accepted too. A send of fewer than `many` messages does not meet the fault. */
export const faults = [
  of("request read, reset"),
  of("request read, close"),
  of("accepted, reset"),
  of("accepted, hang"),
  of("half a body, close"),
  of("no HTTP"),
  of("status 200, HTML"),
  of("status 500, accepted"),
  { name: "status 503", answer: (exchange) => exchange.answer(503, {}, page) },
  { name: "status 429, Retry-After 0", answer: (exchange) => exchange.answer(429, { "Retry-After": 0 }, page) },
  { ...of("status 413"), many: 10 },
  {
    name: "status 401, code 121",
    answer: (exchange) => exchange.answer(401, {}, JSON.stringify({ code: "ERROR_121", message: "", description: "" })),
  },
  {
    name: "accepted after everybody gave up",
    answer: (exchange) => exchange.server.processLate(exchange),
  },
];

/** When the server kills its caller: `kill` does it, and the server goes on as it would have. */
export const moments = {
  "on receipt, not processed": (kill) => () => kill(),
  "on receipt": (kill) => (exchange) => {
    kill();
    exchange.process();
  },
  "when it is processed": (kill) => (exchange) => {
    exchange.process();
    kill();
  },
  "in the middle of the answer": (kill) => (exchange) => {
    const body = exchange.process();
    exchange.head(200, { "Content-Length": Buffer.byteLength(body) });
    exchange.write(body.slice(0, body.length / 2));
    // So that it has arrived.
    setTimeout(kill, 3);
  },
  "behind the answer": (kill) => (exchange, random) => {
    exchange.answer(200, {}, exchange.process());
    setTimeout(kill, random(4));
  },
};
