/**
 * Branded types: a value that is a plain string or number at run time, but that the compiler does not let one
 * mix up with its neighbours (an inode key is not a path, a pointer is not a count).
 */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** Ends an exhaustive switch: the compiler complains where a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
