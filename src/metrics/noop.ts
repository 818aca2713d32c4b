/**
 * A registry that does nothing: what a library takes unless its user brings a
 * real one. Same types, no work, no memory.
 */
import type { Counter } from "./counter.ts";
import type { Gauge } from "./gauge.ts";
import type { Histogram } from "./histogram.ts";
import type { Registry } from "./registry.ts";
import type { StateSet } from "./stateset.ts";
import type { Timer } from "./track.ts";

const nothing = (): void => {};
const run = <T>(work: () => T): T => work();

const timer: Timer = {
  stop: () => 0,
  cancel: nothing,
  [Symbol.dispose]: nothing,
};

/** Any series, of any type: nothing it is told matters. */
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

/** Any family or info of them. */
const family: object = /* @__PURE__ */ Object.assign({}, series, {
  with: () => series,
  at: () => series,
  bind: () => family,
  init: nothing,
  add: nothing,
  remove: () => 0,
  clear: nothing,
  size: 0,
});

const declare = (): unknown => family;
const disposable: Disposable = { [Symbol.dispose]: nothing };

/**
 * The registry that does nothing.
 *
 * ```ts
 * import { noopRegistry, type Registry } from "@barograph/barograph/metrics";
 *
 * export function connect(options: { registry?: Registry } = {}) {
 *   const { registry = noopRegistry } = options;
 *   const errors = registry.counter({
 *     name: "client_errors_total",
 *     help: "Calls that failed.",
 *   });
 *   errors.inc();
 * }
 * connect();
 * ```
 */
export const noopRegistry: Registry = {
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
