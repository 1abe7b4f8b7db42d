// Where the API may be: https, or http on this machine, as the runtime's own URL parser reads it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { scripted, thrown } from "./scripted-fetch.mjs";
import { seededRandom } from "./seeded-random.mjs";

describe("`baseUrl`", () => {
  for (const [baseUrl, posted] of [
    ["https://crm.paydunya.com/api/v1", "https://crm.paydunya.com/api/v1"],
    ["https://proxy.example/", "https://proxy.example"],
    ["HTTPS://Proxy.Example:443/a/", "https://proxy.example/a"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://LOCALHOST", "http://localhost"],
    ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    // The runtime's own parser decides, and it says that these are loopback.
    ["http://0x7f.1", "http://127.0.0.1"],
    ["http://2130706433", "http://127.0.0.1"],
    ["http://127.1/v1", "http://127.0.0.1/v1"],
    ["http://127.0.0.1.", "http://127.0.0.1"],
    ["http://[0:0:0:0:0:0:0:1]", "http://[::1]"],
    ["http://\uff4cocalhost", "http://localhost"],
    ["http:\\\\localhost\\v1", "http://localhost/v1"],
    [" https://proxy.example\n", "https://proxy.example"],
    ["https://proxy.exa\tmple/a/../b", "https://proxy.example/b"],
    ["https://proxy.example//", "https://proxy.example"],
    ["http://crm.paydunya.com/api/v1", null],
    ["http://127.0.0.1.nip.io", null],
    ["http://localhost.evil.com", null],
    ["http://localhost@evil.com", null],
    ["http://evil.com#localhost", null],
    ["http://evil.com\\@localhost", null],
    ["http://127.0.0.2", null],
    ["http://localhost.", null],
    ["http://localhost\u3002evil.com", null],
    ["http://[::1].evil.com", null],
    ["http://127.0.0.1:80@evil.com", null],
    ["http:/\\evil.com", null],
    ["https://localhost@proxy.example", null],
    ["http://0.0.0.0", null],
    ["http://[::ffff:127.0.0.1]", null],
    ["https://user@proxy.example", null],
    ["https://user:CANARY@proxy.example", null],
    ["https://:@proxy.example", "https://proxy.example"],
    ["https://proxy.example/?key=1", null],
    ["https://proxy.example/?", null],
    ["https://proxy.example/#a", null],
    ["https://proxy.example/#", null],
    ["https://proxy.example:0x50", null],
    ["https://", null],
    ["ftp://proxy.example", null],
    ["wss://localhost", null],
    ["blob:https://proxy.example/a", null],
    ["file:///etc/passwd", null],
    ["data:text/plain,x", null],
    ["javascript:alert(1)", null],
    ["//proxy.example", null],
    ["proxy.example", null],
    ["", null],
  ]) {
    it(`${JSON.stringify(baseUrl)} is ${posted === null ? "refused" : `taken as ${posted}`}`, async () => {
      if (posted === null) {
        const error = thrown(() => new CrmClient({ baseUrl }));
        assert.deepEqual(
          error.issues.map(({ reason }) => reason),
          ["bad-option"],
        );
        assert.ok(!error.message.includes("CANARY"));
      } else {
        const { client, requests } = scripted({}, { baseUrl });
        await client.login();
        assert.equal(requests[0].url, `${posted}/auth/login`);
      }
    });
  }

  it("is where every request goes, or is refused, for any string", async () => {
    const random = seededRandom(7);
    const pick = (list) => list[random(list.length)];
    const pieces = [
      "https:", "http:", "HTTPS:", "ftp:", "file:", "blob:", "//", "/", "\\", "@", ":", "?", "#", ".", "..", "%2f", "%40", "%00",
      "localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]", "localhost.", "LOCALHOST",
      "crm.example", "evil.com", "user", "user:pw", ":8080", ":443", ":80", ":99999", "api", "v1", " ", "\t", "\n", "é", "。", "⑦",
    ];
    let taken = 0;
    for (let round = 0; round < 20_000; round++) {
      // Most begin like a URL, or none would be one.
      const begin = random(3) > 0 ? `${pick(["https", "http"])}://${pick(pieces)}` : "";
      const typed = begin + Array.from({ length: random(6) }, () => pick(pieces)).join("");
      let made;
      try {
        made = scripted({}, { baseUrl: typed });
      } catch (error) {
        assert.equal(error.issues[0].reason, "bad-option", typed);
        continue;
      }
      taken += 1;
      await made.client.login();
      made.client.free();
      const [typedUrl, url] = [new URL(typed), new URL(made.requests[0].url)];
      assert.equal(url.origin, typedUrl.origin, typed);
      assert.equal(url.pathname, `${typedUrl.pathname.replace(/\/+$/, "")}/auth/login`, typed);
      assert.deepEqual([url.username, url.password, url.search, url.hash], ["", "", "", ""], typed);
      const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
      assert.ok(url.protocol === "https:" || (url.protocol === "http:" && loopback), typed);
    }
    assert.ok(taken > 1000, String(taken));
  });
});
