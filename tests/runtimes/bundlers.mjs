// The bundlers, each as its manual has it and without a plugin for wasm.
import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Imports a development dependency. */
export async function load(modules, name) {
  const module = await import(pathToFileURL(createRequire(join(modules, "any.js")).resolve(name)));
  return module.default ?? module;
}

/**
 * What makes the files of a workspace ready for a browser: index.html loads page.mjs, which starts worker.mjs where
 * `where` is "worker". Each function gives the `folder` to serve, or the `origin` of a server of its own and `close()`.
 *
 * @type {Record<string, (options: { workspace: string, modules: string, where: string }) => Promise<object>>}
 */
export const bundlers = {
  /** Nothing is done: index.html has an import map. */
  async none({ workspace }) {
    return { folder: workspace };
  },

  async "vite-dev"({ workspace, modules }) {
    const { createServer } = await load(modules, "vite");
    const server = await createServer({ ...viteOptions(workspace), server: { host: "127.0.0.1", port: 0 } });
    await server.listen();
    return { origin: `http://127.0.0.1:${server.httpServer.address().port}`, close: () => server.close() };
  },

  async vite({ workspace, modules }) {
    const { build } = await load(modules, "vite");
    // The suite is part of the program, so the program is large.
    await build({ ...viteOptions(workspace), worker: { format: "es" }, build: { chunkSizeWarningLimit: 1000 } });
    return { folder: join(workspace, "dist") };
  },

  async webpack({ workspace, modules }) {
    const webpack = await load(modules, "webpack");
    const compiler = webpack({
      mode: "production",
      context: workspace,
      entry: "./page.mjs",
      output: { path: join(workspace, "dist"), filename: "page.mjs" },
      performance: { hints: false },
    });
    await new Promise((resolve, reject) => {
      compiler.run((error, stats) => {
        const failed = error ?? ((stats.hasErrors() || stats.hasWarnings()) && new Error(stats.toString()));
        compiler.close(() => (failed ? reject(failed) : resolve()));
      });
    });
    return withPage(workspace);
  },

  async rollup({ workspace, modules, where }) {
    const { rollup } = await load(modules, "rollup");
    const nodeResolve = await load(modules, "@rollup/plugin-node-resolve");
    const onLog = (_, { message }) => {
      throw new Error(message);
    };
    const bundle = await rollup({ input: entries(workspace, where), plugins: [nodeResolve({ browser: true })], onLog });
    await bundle.write({ dir: join(workspace, "dist"), entryFileNames: "[name].mjs" });
    await bundle.close();
    return withPage(workspace);
  },

  async esbuild({ workspace, modules, where }) {
    const { build } = await load(modules, "esbuild");
    const { warnings } = await build({
      entryPoints: entries(workspace, where),
      bundle: true,
      minify: true,
      format: "esm",
      outdir: join(workspace, "dist"),
      outExtension: { ".js": ".mjs" },
      logLevel: "silent",
    });
    if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
    return withPage(workspace);
  },
};

/** Whether a bundler follows `new Worker(new URL(…, import.meta.url))`; for the others a worker is an entry of its own. */
export const followsWorkers = (bundler) => !["rollup", "esbuild"].includes(bundler);

const viteOptions = (root) => ({ root, configFile: false, envDir: false, logLevel: "warn", clearScreen: false });

const entries = (workspace, where) =>
  (where === "worker" ? ["page.mjs", "worker.mjs"] : ["page.mjs"]).map((file) => join(workspace, file));

async function withPage(workspace) {
  const folder = join(workspace, "dist");
  await copyFile(join(workspace, "index.html"), join(folder, "index.html"));
  return { folder };
}
