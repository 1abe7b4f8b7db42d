import { join } from "node:path";

// The installed packages lie in the folder above.
export default { turbopack: { root: join(import.meta.dirname, "..") } };
