// What a bundler makes of the program "create a client and send a message".
import { builtinModules } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

/**
 * @param {string} client a file in clients/
 * @param {{ tools: string }} settings
 * @returns the files, minified: `{ path, contents }[]`, the program first
 */
export function nodeBundle(client, settings) {
  return bundle(settings, {
    stdin: program(`import { create, send } from "./clients/${client}.mjs"; send(create(), { to: "+221776665544", text: "Bonjour" });`),
    platform: "node",
  });
}

/** The same for workerd; `source` is the worker. */
export function workerBundle(source, settings) {
  return bundle(settings, {
    stdin: program(source),
    // As wrangler does it where the flag nodejs_compat is set: what Node brings is imported, and `require` finds it.
    platform: "browser",
    external: ["node:*", ...builtinModules],
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
  });
}

const program = (contents) => ({ contents, resolveDir: import.meta.dirname, sourcefile: "program.mjs" });

async function bundle({ tools }, options) {
  const { build } = await import(pathToFileURL(join(tools, "esbuild/lib/main.js")));
  const { outputFiles } = await build({
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    outfile: "program.mjs",
    legalComments: "none",
    logLevel: "silent",
    write: false,
    ...options,
  });
  const files = outputFiles.map(({ path, contents }) => ({ path: path.split("/").at(-1), contents: Buffer.from(contents) }));
  return files.sort((a, b) => b.path.endsWith(".mjs") - a.path.endsWith(".mjs"));
}

const forms = {
  raw: (contents) => contents,
  gzip: (contents) => gzipSync(contents, { level: 9 }),
  brotli: (contents) => brotliCompressSync(contents),
};

/** Kilobytes as they are (`raw`), or as servers send them: each file is compressed on its own. */
export function kilobytes(files, form) {
  return files.reduce((sum, { contents }) => sum + forms[form](contents).length, 0) / 1000;
}
