/**
 * Work of the telemetry itself, such as posts to a collector. Nothing in it is
 * traced, and calls of an instrumented `fetch` are passed on uncounted: each
 * would cause the next one.
 */
import { isOwnWork } from "../platform/internal.ts";
import { currentContext, withContext } from "./active.ts";
import { NO_BAGGAGE } from "./baggage.ts";
import { SUPPRESS_KEY, valueIn } from "./otel_context.ts";
import { ContextValues } from "./otel_values.ts";

const KEY = Symbol.for("barograph.unobserved.1");

const UNOBSERVED = {
  span: undefined,
  baggage: NO_BAGGAGE,
  values: new ContextValues(new Map([[SUPPRESS_KEY, true], [KEY, true]])),
};

let listenersAreUnobserved = false;

/** Runs `work`, and everything that it starts, as work of the telemetry. */
export function unobserved<R>(work: () => R): R {
  return withContext(UNOBSERVED, work);
}

/** Returns whether the running code is work of the telemetry. */
export function isUnobserved(): boolean {
  const values = currentContext()?.values;
  return (values !== undefined && valueIn(values, KEY) === true) || isOwnWork();
}

/**
 * Makes the listeners of spans work of the telemetry. Called when calls of
 * `fetch` become spans: before that, a listener's calls cause no spans.
 */
export function observesFetch(): void {
  listenersAreUnobserved = true;
}

const quiet = new WeakSet<object>();

/** Declares that `listener` starts no work, which saves it a context. */
export function quietListener<L extends object>(listener: L): L {
  quiet.add(listener);
  return listener;
}

/** Returns a listener of spans that calls `listener` as work of the telemetry. */
export function unobservedListener<A, B>(
  listener: (a: A, b: B) => void,
): (a: A, b: B) => void {
  if (typeof listener !== "function" || quiet.has(listener)) return listener;
  return (a, b) =>
    listenersAreUnobserved ? unobserved(() => listener(a, b)) : listener(a, b);
}
