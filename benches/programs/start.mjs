// Makes a client, checks a message and sends it, and says what was spent until then since the process was started.
//
// usage: node start.mjs <file in clients/> <origin of the server> <when it was started, in ms since 1970>
import { writeSync } from "node:fs";

const [file, origin, started] = process.argv.slice(2);
const message = { to: "+221776665544", text: "Bonjour Awa, la commande 10000 est arrivée à la boutique. Passez avant samedi. Merci !" };
const marks = {};

function mark(name) {
  const { user, system } = process.cpuUsage();
  marks[name] = { cpu: (user + system) / 1000, wall: performance.timeOrigin + performance.now() - Number(started) };
}

const { create, loopback, check, send } = await import(`../clients/${file}.mjs`);
const client = create(loopback(origin));
mark("client");
check?.(client, message);
mark("check");
await send?.(client, message);
mark("message");
writeSync(1, JSON.stringify(marks));
process.exit();
