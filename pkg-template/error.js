// CommonJS and ES module copies of this package may live in one process, and a copy in each realm: `instanceof`
// fails between them, this brand doesn't.
const brand = Symbol.for("paydunya-crm.error");

/** What every call of this package rejects with; index.d.ts documents its fields. */
export class CrmError extends Error {
  /**
   * @param {string} message
   * @param {object} [fields] those of index.d.ts; an absent one is not set
   */
  constructor(message, fields = {}) {
    const { cause, ...rest } = fields;
    super(message, "cause" in fields ? { cause } : undefined);
    Object.assign(this, rest);
    this.attempts ??= 0;
    if (this.issues) {
      this.issues.forEach(Object.freeze);
      Object.freeze(this.issues);
    }
  }
}

// On the prototype, where `Error` has them too: a minifier may rename the class, and no error prints them.
Object.defineProperty(CrmError.prototype, "name", { value: "CrmError", configurable: true, writable: true });
Object.defineProperty(CrmError.prototype, brand, { value: true });

/** Whether a value is a `CrmError`, also one of another copy of this package or of another realm. */
export function isCrmError(value) {
  return typeof value === "object" && value !== null && value[brand] === true;
}
