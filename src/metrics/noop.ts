/**
 * A registry that does nothing: the default for libraries whose users may pass a
 * real one. It has the same types and costs neither time nor memory.
 */
import { ownValue } from "../base/internal.ts";
import type { Counter } from "./counter.ts";
import type { Gauge } from "./gauge.ts";
import type { Histogram } from "./histogram.ts";
import type { InstrumentKind } from "./kind.ts";
import type { Registry } from "./registry.ts";
import type { StateSet } from "./state_set.ts";
import type { Timer } from "./timer.ts";

const nothing = (): void => {};
const run = <T>(work: () => T): T => work();

const timer: Timer = {
  stop: () => 0,
  cancel: nothing,
  [Symbol.dispose]: nothing,
};

/** A series of any built-in kind; it ignores all records. */
const series: Counter & Gauge & Histogram & StateSet = {
  inc: nothing,
  dec: nothing,
  set: nothing,
  toggle: nothing,
  observe: nothing,
  setToCurrentTime: nothing,
  startTimer: () => timer,
  time: run,
  trackInFlight: run,
  countErrors: run,
  value: 0,
  count: 0,
  sum: 0,
  active: [],
};

/** Returns a family of `noop`, which is also that series, an info and more. */
function familyOf(noop: object): object {
  const family: object = Object.assign(Object.create(noop), {
    with: () => noop,
    at: () => noop,
    bind: () => family,
    init: nothing,
    add: nothing,
    remove: () => 0,
    clear: nothing,
    size: 0,
    [Symbol.dispose]: nothing,
  });
  return family;
}

const family = /* @__PURE__ */ familyOf(series);
const declare = (): unknown => family;
const disposable: Disposable = { [Symbol.dispose]: nothing };

/**
 * The registry that does nothing, for libraries that need a default.
 *
 * ```ts
 * import {
 *   type BareRegistry,
 *   counter,
 *   noopRegistry,
 * } from "@barograph/barograph/metrics";
 *
 * export function connect(options: { registry?: BareRegistry } = {}) {
 *   const { registry = noopRegistry } = options;
 *   const errors = counter({
 *     name: "client_errors_total",
 *     help: "Calls that failed.",
 *   }, registry);
 *   errors.inc();
 * }
 * connect();
 * ```
 */
export const noopRegistry: Registry = {
  declare: (kind: InstrumentKind<object>) => {
    const noop = ownValue(kind, "noop") as object | undefined;
    return noop === undefined ? family : familyOf(noop);
  },
  counter: declare,
  gauge: declare,
  histogram: declare,
  summary: declare,
  info: declare,
  stateSet: declare,
  callbackCounter: () => disposable,
  callbackGauge: () => disposable,
  scope: () => noopRegistry,
  add: () => disposable,
  unregister: () => false,
  descs: [],
  parts: [],
  collect: nothing,
} as unknown as Registry;
