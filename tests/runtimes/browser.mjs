// One Chromium for all pages, and the server that gives them their files.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { load } from "./bundlers.mjs";

let launched;

/** The browser, started at the first call. `modules` is the folder of the development dependencies. */
export function browser(modules) {
  launched ??= launch(modules);
  return launched;
}

/** Ends the browser, if there is one. */
export async function closeBrowser() {
  const started = await launched?.catch(() => {});
  await started?.close();
  launched = undefined;
}

async function launch(modules) {
  const { CHROMIUM } = process.env;
  if (!CHROMIUM) throw new Error("There is no Chromium: CHROMIUM has to name its program, as `cargo xtask` makes it do.");
  const { chromium } = await load(modules, "playwright-core");
  return chromium.launch({ executablePath: CHROMIUM });
}

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * Serves the files of a folder on loopback; gives the `origin`, and `close()`.
 *
 * @param {string} folder
 * @param {Record<string, string>} [headers] of each answer
 */
export async function serveFolder(folder, headers = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(folder, pathname === "/" ? "index.html" : decodeURIComponent(pathname));
    const content = await readFile(file).catch(() => {});
    response.writeHead(content ? 200 : 404, { ...headers, "content-type": types[extname(file)] ?? "text/plain" });
    response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
