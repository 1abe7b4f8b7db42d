// workerd, as Cloudflare runs Workers, from a bundle with the condition `workerd`. `options.date` is the compatibility
// date, or "newest" for the newest that this workerd knows; `options.flags` are compatibility flags, by default none;
// `options.authority` is the path of a certificate that it trusts.
import { once } from "node:events";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { group, runAll as runEnded } from "../ended-requests.mjs";
import { binary } from "../programs.mjs";

const package_ = "@cloudflare/workerd-linux-64";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const workerd = await binary(modules, `${package_}/bin/workerd`);
  const manifest = JSON.parse(await readFile(join(modules, package_, "package.json"), "utf8"));
  const { flags = [], authority } = entry.options;
  const date = entry.options.date === "newest" ? dateOf(manifest.version) : entry.options.date;
  note(`workerd ${manifest.version}, compatibility date ${[date, ...flags].join(", ")}`);

  const bundle = join(workspace, "bundle");
  await build({ entry, workspace, modules, server, processes, bundle });
  const files = await readdir(bundle);
  if (authority) await copyFile(authority, join(bundle, "authority.pem"));
  const trusted = authority ? ', tlsOptions = (trustedCertificates = [embed "authority.pem"])' : "";
  await writeFile(join(bundle, "config.capnp"), config({ date, flags, files, trusted }));
  const child = processes.start(workerd, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: bundle,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const complaints = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    complaints.push(line);
    note(line);
  });
  const origin = `http://127.0.0.1:${await port(child)}`;
  const answer = await fetch(origin);
  if (!answer.ok) throw new Error(`The worker answered ${answer.status}: ${await answer.text()}`);
  const results = await answer.json();
  if (!entry.with?.includes(group)) return results;
  return [...results, ...(await runEnded({ server, origin, complaints }))];
}

/** 2026-11-17 of 1.20261117.1: a release knows the compatibility dates up to its own. */
function dateOf(version) {
  return version.replace(/^\d+\.(\d{4})(\d\d)(\d\d)\..*/, "$1-$2-$3");
}

async function build({ entry, workspace, modules, server, processes, bundle }) {
  const worker = join(workspace, "worker.mjs");
  await writeFile(
    worker,
    `import * as crm from "paydunya-crm";
import * as sandbox from "paydunya-crm/sandbox";
import { runAll, sendShared } from "./suite/conformance.mjs";
const settings = ${JSON.stringify({ server, groups: entry.groups })};
export default {
  async fetch(request) {
    if (request.method === "POST") return answer(await request.json());
    const inRequest = async (argument) =>
      (await fetch(request.url, { method: "POST", body: JSON.stringify(argument) })).json();
    return Response.json(await runAll({ crm, sandbox, inRequest, ...settings }));
  },
};
async function answer({ streams, ...argument }) {
  const sent = sendShared({ crm }, argument);
  if (!streams) return Response.json(await sent);
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  writer.write(new TextEncoder().encode(" "));
  sent.then((value) => writer.write(new TextEncoder().encode(JSON.stringify(value)))).then(() => writer.close());
  return new Response(readable);
}
`,
  );
  await rm(bundle, { recursive: true, force: true });
  const flags = ["--bundle", "--format=esm", "--target=es2022", "--conditions=workerd", "--log-level=warning"];
  const wasm = ["--loader:.wasm=copy", "--asset-names=[name]"];
  const output = [`--outdir=${bundle}`, "--out-extension:.js=.mjs"];
  const esbuild = join(modules, ".bin/esbuild");
  await processes.output(esbuild, [worker, ...flags, ...wasm, ...output], { cwd: workspace });
}

function config({ date, flags, files, trusted }) {
  // The first module is the worker.
  const modules = files
    .sort((a, b) => b.endsWith(".mjs") - a.endsWith(".mjs"))
    .map((file) => `(name = "${file}", ${file.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${file}")`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "${date}",
      compatibilityFlags = ${JSON.stringify(flags)},
      modules = [
        ${modules.join(",\n        ")}
      ]
    )),
    (name = "internet", network = (allow = ["private"]${trusted}))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
}

/** The port that workerd listens on. */
async function port(child) {
  const ended = once(child, "close").then(([code, signal]) => {
    throw new Error(`workerd ended with ${code ?? signal}.`);
  });
  const listens = async () => {
    for await (const line of createInterface({ input: child.stdio[3] })) {
      const { event, port } = JSON.parse(line);
      if (event === "listen") return port;
    }
    return ended;
  };
  return Promise.race([listens(), ended]);
}
