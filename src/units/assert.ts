/** Holds what cannot fail unless the program is wrong. Bad input is never an assertion: it is a refusal or a Fault. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`cannot happen: ${message}`);
}

/** Closes a `switch` over a union: the compiler proves that every kind was handled. */
export function unreachable(value: never): never {
  throw new Error(`cannot happen: unknown kind ${JSON.stringify(value)}`);
}
