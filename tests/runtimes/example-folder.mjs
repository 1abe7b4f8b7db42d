// A copy of an example where its imports are found, an account for it, and a sandbox as its API.
import { cp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./server.mjs";

const { PAYDUNYA_CRM_PROJECT, PAYDUNYA_CRM_MODULES: modules } = process.env;
const require = createRequire(join(PAYDUNYA_CRM_PROJECT, "any.js"));
export const { Sandbox } = require("paydunya-crm/sandbox");

export const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

/** What an example takes from its environment. */
export const accountOf = (baseUrl) => ({
  PAYDUNYA_BASE_URL: baseUrl,
  PAYDUNYA_USER_KEY: "user-key",
  PAYDUNYA_SECRET_KEY: "secret-key",
  PAYDUNYA_APP_KEY: "app-key",
  PAYDUNYA_SENDER: "MaBoutique",
});

/** A sandbox on a server of its own, so that it can go down; or one of a class that is more than a sandbox. */
export async function startApi(options = {}, SandboxClass = Sandbox) {
  const server = await serve(SandboxClass);
  const sandboxes = `${server.origin}/control/sandboxes`;
  const made = await fetch(sandboxes, { method: "POST", body: JSON.stringify(options) });
  const { id, baseUrl } = await made.json();
  return { baseUrl, report: async () => (await fetch(`${sandboxes}/${id}`)).json(), close: server.close };
}

/** Copies an example to where the packages that it imports are found. */
export async function copyOf(name, folderName = name.replace(/\W/g, "-")) {
  const folder = join(dirname(modules), "examples", folderName);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "node_modules"), { recursive: true });
  const installed = dirname(require.resolve("paydunya-crm/package.json"));
  await cp(installed, join(folder, "node_modules/paydunya-crm"), { recursive: true });
  const source = join(examples, name);
  await cp(source, name.endsWith("/") ? folder : join(folder, name), { recursive: true });
  return folder;
}
