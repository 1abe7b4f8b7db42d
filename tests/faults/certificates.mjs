// Certificates for the faults of TLS, made anew for each run with the openssl of this machine.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { promisify } from "node:util";

const run = promisify(execFile);
const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them in a folder; gives the path of the authority that the runtimes are to trust, and the secure contexts by name. */
export async function certificates(folder) {
  const openssl = (...args) =>
    run("openssl", args, { cwd: folder }).catch((error) => {
      throw new Error(`openssl failed, or is not installed: ${error.message}`);
    });
  const request = (name, ...more) =>
    openssl("req", ...key, "-keyout", `${name}.key`, "-subj", `/CN=${name}`, ...more);

  await request("authority", "-x509", "-days", "2", "-out", "authority.pem");

  /** One of the authority's, or its own where there is none. */
  async function leaf(name, { host = "localhost", days = "2", signed = true } = {}) {
    const extensions = `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`;
    await writeFile(join(folder, `${name}.ext`), extensions);
    await request(name, "-out", `${name}.csr`);
    const signer = signed ? ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"] : ["-signkey", `${name}.key`];
    const output = ["-days", days, "-extfile", `${name}.ext`, "-out", `${name}.pem`];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signer, ...output);
    const [cert, privateKey] = await Promise.all(["pem", "key"].map((end) => readFile(join(folder, `${name}.${end}`))));
    return [name, createSecureContext({ cert, key: privateKey })];
  }

  // One after the other: they share the file of the serial number.
  const contexts = [
    await leaf("valid"),
    await leaf("wrong name", { host: "crm.example" }),
    // It ends in the second in which it begins.
    await leaf("expired", { days: "0" }),
    await leaf("self-signed", { signed: false }),
  ];
  return { authority: join(folder, "authority.pem"), contexts: Object.fromEntries(contexts) };
}
