// Next, as `next build` makes an app and `next start` serves it: `options.route` is "edge" (Vercel's edge runtime) or
// "node". The app is apps/next, which has both routes, and a page that uses the package.
import { cp, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { listening } from "../processes.mjs";

const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

export async function run({ entry, workspace, modules, server, processes, note }) {
  await cp(fileURLToPath(new URL("../apps/next", import.meta.url)), workspace, { recursive: true });
  const { version } = JSON.parse(await readFile(join(modules, "next/package.json"), "utf8"));
  const next = join(modules, "next/dist/bin/next");
  const start = performance.now();
  await processes.output(process.execPath, [next, "build"], { cwd: workspace, env });
  note(`Next ${version}, built in ${((performance.now() - start) / 1000).toFixed(1)} s`);

  const child = processes.start(process.execPath, [next, "start", "--hostname=127.0.0.1", "--port=0"], {
    cwd: workspace,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const origin = await listening(child);
  const page = await (await fetch(origin)).text();
  if (!page.includes("8 digits after +221 (Senegal), expected 9")) throw new Error(`The page shows no issue: ${page}`);
  const answer = await fetch(`${origin}/${entry.options.route}`, {
    method: "POST",
    body: JSON.stringify({ suite: { server, groups: entry.groups } }),
  });
  if (!answer.ok) throw new Error(`The route answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
