import * as glue from "./crm_bg.js";
import bytes from "./crm_bg.wasm";
import { guardHandle } from "./handle.js";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./crm_bg.js", () => new WebAssembly.Module(bytes));
guardHandle(glue.CrmClient, { promised: ["login", "send", "stats"], direct: ["check"] });

export const { CrmClient, measureText, parsePhone } = glue;
export { CrmError, isCrmError } from "./error.js";
export { errorCodes, phoneDataVersion, version } from "./metadata.js";
