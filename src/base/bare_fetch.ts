/** Instrumented `fetch` functions, and the functions that they wrap. */

/** All copies of this module share the key. */
const KEY = Symbol.for("barograph.fetch.1");

interface Mark {
  /** The owner: a function can inherit or copy the mark of another one. */
  readonly wrapper: unknown;
  readonly bare: unknown;
}

/** Marks `wrapper` as an instrumented form of `bare`. */
export function markWrapper(wrapper: object, bare: unknown): void {
  const mark: Mark = { wrapper, bare };
  Object.defineProperty(wrapper, KEY, { value: mark });
}

/** Returns the function that `fetch` wraps; `fetch` itself if it is not ours. */
export function bareFetch<F>(fetch: F): F {
  const mark = (fetch as { readonly [KEY]?: Mark } | undefined)?.[KEY];
  return mark?.wrapper === fetch ? mark.bare as F : fetch;
}
