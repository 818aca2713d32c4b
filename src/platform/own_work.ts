/** Work of this module itself, such as posts to a collector: nobody measures it. */
import type { ContextStore } from "./context.ts";
import { contextStore } from "./runtime.ts";

/** All copies of the module in a process share the store. */
const KEY = Symbol.for("barograph.own-work.1");

let own: ContextStore<true> | undefined;

function store(): ContextStore<true> {
  const shared = globalThis as { [KEY]?: ContextStore<true> };
  if (shared[KEY] !== undefined) return shared[KEY];
  own ??= contextStore<true>();
  return Object.isExtensible(shared) ? shared[KEY] = own : own;
}

/** Runs `work`, and everything that it starts, as work of this module. */
export function asOwnWork<R>(work: () => R): R {
  return store().run(true, work);
}

/** Returns whether the running code is such work. */
export function isOwnWork(): boolean {
  return store().get() === true;
}
