// What needs no network: the module itself, and the judgement of messages.
import { equal, fields, ok, thrown } from "./assertions.mjs";
import { message, messages } from "./account.mjs";

export const importing = ({ crm, sandbox }) => ({
  "gives the documented names and no other"() {
    const expected = [
      "CrmClient",
      "CrmError",
      "errorCodes",
      "isCrmError",
      "measureText",
      "parsePhone",
      "phoneDataVersion",
      "version",
    ];
    equal(Object.keys(crm).sort(), expected);
    equal(Object.keys(sandbox), ["Sandbox"]);
  },
  "tells its versions"() {
    ok(/^\d+\.\d+\.\d+/.test(crm.version), `version is ${crm.version}`);
    ok(/^\d+\.\d+\.\d+$/.test(crm.phoneDataVersion), `phoneDataVersion is ${crm.phoneDataVersion}`);
  },
  "works at once, without a call to set it up"() {
    equal(crm.parsePhone("+221776665544").e164, "+221776665544");
    ok(new crm.CrmClient() instanceof crm.CrmClient, "a client is of another class");
    ok(new sandbox.Sandbox() instanceof sandbox.Sandbox, "a sandbox is of another class");
  },
  "leaves nothing behind on the global object or in the language's own"() {
    crm.parsePhone("1");
    const traces = Reflect.ownKeys(globalThis).filter((name) => /crm|paydunya|wbg|wbindgen/i.test(String(name)));
    equal(traces, []);
    const inherited = [];
    for (const value of [{}, [], () => {}, "", new Error()]) for (const name in value) inherited.push(name);
    equal(inherited, []);
  },
});

export const judgement = ({ crm }) => ({
  "checks messages without keys"() {
    const client = new crm.CrmClient({ sender: "MaBoutique", defaultCountry: "SN" });
    const report = client.check([
      { to: "77 666 55 44", text: "Votre commande est prête." },
      { to: "+22173214354", text: "Rappel : échéance demain." },
    ]);
    equal([report.ok, report.segments, report.ucs2, report.duplicates], [false, 2, 1, []]);
    equal(
      report.messages.map(({ index, ok }) => [index, ok]),
      [
        [0, true],
        [1, false],
      ],
    );
    const [issue] = report.messages[1].issues;
    fields(issue, { severity: "error", field: "to", index: 1, reason: "too-short" });
    equal(issue.message, "to: 8 digits after +221 (Senegal), expected 9");
  },
  "checks thousands of messages, and finds each duplicate"() {
    const client = new crm.CrmClient({ sender: "MaBoutique" });
    const many = messages(5000);
    const report = client.check([...many, many[4999]]);
    equal([report.ok, report.messages.length, report.duplicates], [true, 5001, [[4999, 5000]]]);
  },
  "reads numbers as people type them"() {
    equal(crm.parsePhone("77 666 55 44", { defaultCountry: "SN" }), {
      ok: true,
      e164: "+221776665544",
      callingCode: "221",
      nationalNumber: "776665544",
      country: "SN",
      kind: "sms",
      normalized: true,
    });
    for (const typed of ["00221 77.666.55.44", "tel:+221776665544", "+٢٢١٧٧٦٦٦٥٥٤٤", "+221\u00a077\u202f666\u200e5544"]) {
      equal(crm.parsePhone(typed).e164, "+221776665544", typed);
    }
  },
  "says why a number is refused"() {
    const old = crm.parsePhone("97 12 34 56", { defaultCountry: "BJ" });
    equal([old.ok, old.reason], [false, "old-plan"]);
    equal(old.hint, "8 digits after +229 (Benin), expected 10: put 01 before the old number");
    equal(crm.parsePhone("77 666 55 4O").reason, "letters");
    equal(crm.parsePhone(undefined).ok, false);
  },
  "measures texts in both encodings"() {
    const plain = crm.measureText("Votre commande est arrivée à 15h.");
    fields(plain, { encoding: "GSM-7", units: 33, segments: 1, unitsPerSegment: 160, unitsLeft: 127, offenders: [] });
    const accented = crm.measureText("Votre commande est prête.");
    fields(accented, { encoding: "UCS-2", segments: 1, segmentsIfGsm7: 1 });
    equal(accented.offenders, [{ char: "ê", index: 21, count: 1, suggestion: "e" }]);
    fields(crm.measureText("😀".repeat(36)), { units: 72, segments: 2, unitsPerSegment: 67 });
  },
  "knows the 24 codes"() {
    equal(Object.keys(crm.errorCodes).length, 24);
    equal(crm.errorCodes.ERROR_117.message, "invalid_credentials");
  },
  "refuses a value that is of no use, with a `CrmError`"() {
    for (const call of [
      () => crm.measureText(5),
      () => new crm.CrmClient({ timeout: "5" }),
      () => new crm.CrmClient({ retries: 5 }),
      () => new crm.CrmClient().check(),
    ]) {
      const error = thrown(call);
      ok(error instanceof crm.CrmError, String(error));
      equal(error.kind, "invalid");
    }
  },
  "leaves the caller's messages alone"() {
    const given = Object.freeze([Object.freeze({ ...message, from: "MaBoutique" })]);
    equal(new crm.CrmClient().check(given).ok, true);
  },
});
