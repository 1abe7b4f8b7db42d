// A port of loopback that answers nothing for a while, not even that somebody wants to connect: a listener whose queue
// is full, in a thread that accepts nobody.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** How many more than the one of its queue Linux takes is up to Linux. */
const fillers = 4;

const thread = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setTimeout(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData);
      process.exit();
    }, 50);
  });
`;

/** Gives the port; after so many milliseconds it is gone, and those who still try are refused. */
export async function blackhole(ms) {
  const worker = new Worker(thread, { eval: true, workerData: ms });
  worker.unref();
  const [port] = await once(worker, "message");
  await sleep(100);
  for (let filler = 0; filler < fillers; filler++) {
    const socket = connect(port, "127.0.0.1").unref();
    socket.on("error", () => {});
  }
  await sleep(100);
  return port;
}
