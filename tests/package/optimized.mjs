// Calls a function of the package until V8 has compiled the call into its caller, then once more, so that the caller's
// code is thrown away while the call runs. The optimizer of Node 20 ended the process there.
import { CrmClient, parsePhone } from "paydunya-crm";

const of = process.argv[2];

class Assumed {
  get value() {
    return 1;
  }
}
const assumed = new Assumed();
function forget() {
  Object.defineProperty(Assumed.prototype, "value", { get: () => 2, configurable: true });
}

const client = new CrmClient({ sender: "MaBoutique" });
/** Each with an argument, and one that runs `forget` when it is read. */
const calls = {
  parsePhone: [(options) => parsePhone("+221776665544", options), {}, "defaultCountry", "SN"],
  check: [(message) => client.check(message), { to: "+221776665544" }, "text", "Bonjour"],
  login: [(options) => client.login(options), {}, "timeout", 1000],
  send: [(message) => client.send(message), { to: "+221776665544" }, "text", "Bonjour"],
  stats: [(query) => client.stats(query), {}, "receivers", "+221776665544"],
  reconcile: [(options) => client.reconcile({ append() {}, read: () => [] }, options), {}, "timeout", 1000],
  sendAll: [(options) => client.sendAll([], options), {}, "timeout", 1000],
};
const [call, argument, name, value] = calls[of];
const plain = { ...argument, [name]: value };
const forgetting = { ...argument, get [name]() { return forget(), value; } };

function caller(argument) {
  const result = call(argument);
  // A client without keys rejects.
  result?.catch?.(() => {});
  return assumed.value;
}

for (let round = 1; round <= 60_000; round++) {
  caller(plain);
  if (round % 500 === 0) await new Promise(setImmediate);
}
console.log(of, "gave", caller(forgetting));
process.exit();
