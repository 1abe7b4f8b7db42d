// A PostgreSQL cluster of the tests' own: on loopback, in a temporary folder, and gone when they end.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Processes } from "./processes.mjs";

const processes = new Processes();

/** Makes a cluster with the programs of this folder and starts it; gives the `url(database)` of its databases, and `stop()`. */
export async function startCluster(programs) {
  const folder = await mkdtemp(join(tmpdir(), "paydunya-crm-postgresql-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const owner = await unprivileged();
    const options = { cwd: folder, ...owner };
    const [data, passwordFile] = [join(folder, "data"), join(folder, "password")];
    const password = randomUUID();
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (owner) for (const path of [folder, passwordFile]) await chown(path, owner.uid, owner.gid);
    const access = ["--username=shop", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    const settings = [`--pgdata=${data}`, "--encoding=UTF8", "--no-locale", "--no-sync"];
    await processes.output(join(programs, "initdb"), [...settings, ...access], options);

    const { server, port } = await start(join(programs, "postgres"), data, options);
    return {
      url: (database) => `postgresql://shop:${password}@127.0.0.1:${port}/${database}`,
      async stop() {
        server.kill("SIGINT"); // the shutdown that leaves nothing behind
        await once(server, "close");
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whom root runs the programs as, because they refuse root; nothing for everybody else. */
async function unprivileged() {
  if (process.getuid() !== 0) return undefined;
  // Debian's package makes the first of them, and every system has the other.
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = await Promise.all(["-u", "-g"].map((option) => processes.output("id", [option, name])));
      return { uid: Number(uid), gid: Number(gid) };
    } catch {
      // Not this one.
    }
  }
  throw new Error("PostgreSQL refuses root, and there is no user postgres or nobody.");
}

async function start(program, data, options) {
  let log = "";
  // PostgreSQL takes no port 0, and another program may be quicker with one that is free.
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const address = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories="];
    // The tests kill programs, but don't cut the power.
    const settings = [...address, "fsync=off", "logging_collector=off"].flatMap((setting) => ["-c", setting]);
    const stdio = ["ignore", "ignore", "pipe"];
    const server = processes.start(program, ["-D", data, ...settings], { ...options, stdio });
    process.once("exit", () => server.kill("SIGQUIT")); // where a failure lets nobody stop it
    for await (const line of createInterface({ input: server.stderr })) {
      log += `${line}\n`;
      if (!line.includes("database system is ready to accept connections")) continue;
      server.stderr.resume(); // else it stops when nobody reads its log
      return { server, port };
    }
  }
  throw new Error(`PostgreSQL does not start.\n${log}`);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
