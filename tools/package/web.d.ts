/**
 * Types of the web platform as the project has them: from DOM, Bun, Node or
 * Workers. In a project without them, each is an object with any members, so
 * that the declarations of the package compile there too.
 *
 * Aliases, not global interfaces: those would add names to the project, and
 * conflict with the types of Workers, whose `Request` has type parameters.
 * (Workers get their `Request` and `Response`; their `URL` and `AbortSignal` are
 * classes, which `typeof globalThis` does not show.)
 */
// deno-lint-ignore no-explicit-any -- nothing is known about the members
type Untyped = Record<string, any>;

type Instance<Name extends string> = typeof globalThis extends
  Record<Name, abstract new (...args: never) => infer T> ? T : Untyped;

export type AbortSignal = Instance<"AbortSignal">;
/** By its prototype: `infer` of a constructor makes the parameters unknown. */
export type Request = typeof globalThis extends
  { Request: { readonly prototype: infer T } } ? T : Untyped;
export type Response = Instance<"Response">;
export type URL = Instance<"URL">;

export type RequestInit = typeof globalThis extends
  { Request: new (input: never, init?: infer Init) => unknown }
  ? NonNullable<Init>
  : Untyped;

/** The type of the global `fetch`. */
export type GlobalFetch = typeof globalThis extends { fetch: infer F } ? F
  : (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

declare global {
  // No alias can pass the type parameter on.
  // deno-lint-ignore no-explicit-any no-empty-interface -- as platforms declare it
  interface ReadableStream<R = any> {}
}
