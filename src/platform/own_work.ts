/** Work of this module itself, such as posts to a collector: nobody measures it. */
import { processWide } from "../base/internal.ts";
import type { ContextStore } from "./context.ts";
import { contextStore } from "./runtime.ts";

const KEY = Symbol.for("barograph.own-work.1");

function store(): ContextStore<true> {
  return processWide(KEY, contextStore<true>);
}

/** Runs `work`, and everything that it starts, as work of this module. */
export function asOwnWork<R>(work: () => R): R {
  return store().run(true, work);
}

/** Returns whether the running code is such work. */
export function isOwnWork(): boolean {
  return store().get() === true;
}
