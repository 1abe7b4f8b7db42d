// The example of `sendAll`, as a user runs it: against the package's own sandbox, in a folder of its own.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const installed = dirname(createRequire(import.meta.url).resolve("paydunya-crm/package.json"));

describe("examples/campaign.mjs", () => {
  it("sends 10,000 rows, says what became of them, and writes those that were not sent", async (t) => {
    // Beside the tests, where the package is installed.
    const folder = mkdtempSync(join(import.meta.dirname, "campaign-"));
    t.after(() => rmSync(folder, { recursive: true }));
    copyFileSync(join(process.env.PAYDUNYA_CRM_ROOT, "examples/campaign.mjs"), join(folder, "campaign.mjs"));
    const server = spawn(process.execPath, [join(installed, "bin/paydunya-crm.mjs"), "sandbox", "--port", "0", "--balance", "15000"]);
    t.after(() => server.kill());
    const [line] = await once(server.stdout.setEncoding("utf8"), "data");
    server.stdout.resume();
    const [baseUrl] = line.match(/http:\S+/);

    const account = { BASE_URL: baseUrl, USER_KEY: "user-key", SECRET_KEY: "secret-key", APP_KEY: "app-key", SENDER: "MaBoutique" };
    const env = Object.fromEntries(Object.entries(account).map(([name, value]) => [`PAYDUNYA_${name}`, value]));
    const { stdout } = await run(process.execPath, ["campaign.mjs"], { cwd: folder, env: { ...process.env, ...env } });
    assert.match(stdout, /^total {4}10000\nsent {5}9900\ninvalid {2}100\nsegments \d+\nnot-sent.csv has the 100 /);
    assert.ok(!stdout.includes("\r"), "no line of progress where there is no terminal");
    const rejects = readFileSync(join(folder, "not-sent.csv"), "utf8").trimEnd().split("\n");
    assert.equal(rejects.length, 101);
    const again = await run(process.execPath, ["campaign.mjs"], { cwd: folder, env: { ...process.env, ...env } });
    assert.equal(again.stdout, stdout, "run again, it finds all of it in its journal");
    assert.match(rejects[1], /^101,77 100009,"Bonjour, votre commande n° 99 .*",invalid,"?to: /);
  });
});
