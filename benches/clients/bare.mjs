// No client: what starting a runtime and loading one file takes.
export const create = () => ({});
export const loopback = () => ({});
