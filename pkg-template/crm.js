import { CrmClient } from "./crm_bg.js";
import { guardHandle } from "./handle.js";

guardHandle("CrmClient", CrmClient, { promised: ["login", "reconcile", "send", "stats"], direct: ["check", "sendAll"] });

// What every entry exports. The one thing that an entry decides is where its wasm comes from.
export { CrmClient, measureText, parsePhone } from "./crm_bg.js";
export { CrmError, isCrmError } from "./error.js";
export { errorCodes, phoneDataVersion, version } from "./metadata.js";
