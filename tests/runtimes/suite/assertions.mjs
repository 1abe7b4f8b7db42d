// The few assertions of the suite: those of a library would need more of a runtime than the client does.

/** Fails unless the value is truthy. */
export function ok(value, message) {
  if (!value) throw new Error(message);
}

/** Fails unless both are the same value, or arrays and objects of the same members. */
export function equal(found, expected, what = "it") {
  if (!same(found, expected)) throw new Error(`${what} is ${shown(found)}, expected ${shown(expected)}`);
}

/** Asserts some fields of an error; `undefined` says that there is none of that name. */
export function fields(error, expected) {
  for (const [name, value] of Object.entries(expected)) {
    equal(error[name], value, `${name} of "${error.message}"`);
  }
}

/** What a promise rejects with. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`It resolved to ${shown(value)}.`);
}

/** What a function throws. */
export function thrown(call) {
  let value;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  throw new Error(`It gave ${shown(value)}.`);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

function shown(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
