// Loaded before the wasm tests. The package's own modules, which the wasm imports as `./error.js`, lie in the folder
// where the package is built, and the test runner puts the glue somewhere else.
import { register } from "node:module";
import { pathToFileURL } from "node:url";

function hooks() {
  let folder;
  return {
    initialize(data) {
      folder = data;
    },
    async resolve(specifier, context, next) {
      try {
        return await next(specifier, context);
      } catch (error) {
        if (error?.code !== "ERR_MODULE_NOT_FOUND" || !specifier.startsWith("./")) throw error;
        return next(new URL(specifier, folder).href, context);
      }
    },
  };
}

const source = `export const { initialize, resolve } = (${hooks})();`;
const folder = process.env.PAYDUNYA_CRM_MODULES;
register(`data:text/javascript,${encodeURIComponent(source)}`, {
  parentURL: import.meta.url,
  data: pathToFileURL(`${folder}/`).href,
});
