// CommonJS and ES module copies of this package may live in one process, and a copy in each realm: `instanceof`
// fails between them, this brand doesn't.
const brand = Symbol.for("paydunya-crm.error");

const shown = { configurable: true, enumerable: true, writable: true };

/** What every call of this package rejects with; index.d.ts documents its fields. */
export class CrmError extends Error {
  /**
   * @param {string} message
   * @param {object} [fields] those of index.d.ts; an absent one is not set
   */
  constructor(message, fields = {}) {
    const { cause, ...rest } = fields;
    super(message, Object.hasOwn(fields, "cause") ? { cause } : undefined);
    // Own properties alone: what somebody hung on `Object.prototype` is no field, assigning could run its setter, and
    // a descriptor would inherit its `get`.
    for (const [name, value] of Object.entries({ attempts: 0, ...rest })) {
      Object.defineProperty(this, name, { __proto__: null, ...shown, value });
    }
    if (Object.hasOwn(rest, "issues")) {
      rest.issues.forEach(Object.freeze);
      Object.freeze(rest.issues);
    }
  }
}

// On the prototype, where `Error` has them too: a minifier may rename the class, and no error prints them.
Object.defineProperty(CrmError.prototype, "name", { value: "CrmError", configurable: true, writable: true });
Object.defineProperty(CrmError, "name", { value: "CrmError", configurable: true });
Object.defineProperty(CrmError.prototype, brand, { value: true });

/** Whether a value is a `CrmError`, also one of another copy of this package or of another realm. */
export function isCrmError(value) {
  return typeof value === "object" && value !== null && value[brand] === true;
}
