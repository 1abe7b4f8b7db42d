// A cut of `cargo xtask soak`.
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

describe("the wasm's memory", { timeout: 120_000 }, () => {
  it("is as large after 100,000 messages and 20,000 freed clients as after a tenth of them", () => {
    const program = fileURLToPath(new URL("soak.mjs", import.meta.url));
    execFileSync(process.execPath, [program, "2000", "20000"], { stdio: ["ignore", "inherit", "inherit"] });
  });
});
