// Chromium, in a page or in a web worker:
//
//   options.bundler        one of bundlers.mjs
//   options.where          "page" or "worker"
//   options.scriptSources  for a Content-Security-Policy whose script-src they are; default none
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { browser, closeBrowser, serveFolder } from "../browser.mjs";
import { bundlers, followsWorkers } from "../bundlers.mjs";

export { closeBrowser as close };

export async function run({ entry, workspace, modules, server, note }) {
  const { bundler, where, scriptSources } = entry.options;
  const chromium = await browser(modules);
  await writePrograms({ workspace, server, entry });
  const start = performance.now();
  const ready = await bundlers[bundler]({ workspace, modules, where });
  note(`Chromium ${chromium.version()}; ${bundler} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const headers = scriptSources && { "content-security-policy": `script-src ${scriptSources} ${hash(importMap)}` };
  const served = ready.folder ? await serveFolder(ready.folder, headers) : ready;
  try {
    return await resultsOf(chromium, served.origin);
  } finally {
    await served.close();
  }
}

const importMap = JSON.stringify({
  imports: {
    "paydunya-crm": "./node_modules/paydunya-crm/dist/index.mjs",
    "paydunya-crm/sandbox": "./node_modules/paydunya-crm/dist/sandbox.mjs",
  },
});

// A policy lets a script inside the page pass only by this.
const hash = (script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

async function writePrograms({ workspace, server, entry: { groups, options } }) {
  const suite = `import * as crm from "paydunya-crm";
import * as sandbox from "paydunya-crm/sandbox";
import { runAll } from "./suite/conformance.mjs";
const results = runAll({ crm, sandbox, ...${JSON.stringify({ server, groups })} });
`;
  const inPage = `${suite}results.then((list) => { globalThis.results = list; });\n`;
  const inWorker = `${suite}results.then((list) => postMessage(list));\n`;
  const url = followsWorkers(options.bundler) ? 'new URL("./worker.mjs", import.meta.url)' : '"./worker.mjs"';
  const starts = `const worker = new Worker(${url}, { type: "module" });
worker.onmessage = ({ data }) => { globalThis.results = data; };
worker.onerror = ({ message }) => { globalThis.results = "The worker failed: " + message; };
`;
  await writeFile(join(workspace, "page.mjs"), options.where === "worker" ? starts : inPage);
  await writeFile(join(workspace, "worker.mjs"), inWorker);

  const map = options.bundler === "none" ? `<script type="importmap">${importMap}</script>\n` : "";
  const script = '<script type="module" src="./page.mjs"></script>\n';
  await writeFile(join(workspace, "index.html"), `<!doctype html>\n<title>Conformance</title>\n${map}${script}`);
}

async function resultsOf(chromium, origin) {
  const context = await chromium.newContext();
  try {
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.stack));
    page.on("console", (line) => line.type() === "error" && errors.push(`${line.text()} ${line.location().url}`));
    await page.goto(origin);
    // A development server may load the page again once it knows what the worker imports.
    const found = page.waitForFunction(() => globalThis.results, null, { timeout: 120_000 });
    const results = await found.then((handle) => handle.jsonValue()).catch(String);
    if (!Array.isArray(results)) throw new Error([results, ...errors].join("\n"));
    return results;
  } finally {
    await context.close();
  }
}
