/**
 * Recorders: metrics for one kind of program, recorded through named functions
 * into any backend. Presets have their own subpaths: `./recorders/channels`,
 * `./recorders/live-view`, `./recorders/service-platform` and
 * `./recorders/worker-fleet`.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { defineRecorder } from "@barograph/barograph/recorders";
 *
 * const mailer = defineRecorder({
 *   title: "a mailer",
 *   namespace: "mailer",
 *   instruments: {
 *     mails: { type: "counter", name: "mails_total", help: "Mails sent." },
 *   },
 *   records: ({ mails }) => ({ mailSent: () => mails.inc() }),
 * });
 * mailer.on(createRegistry()).mailSent();
 * ```
 *
 * @module
 */
export { defineRecorder, type FamilyFacts, type Recorder } from "./define.ts";
export type { Emitter, FanOut, Slot } from "./fan_out.ts";
export {
  createRegistrar,
  type MetricsRegistrar,
  OwnerConflictError,
} from "./registrar.ts";
export type {
  InstrumentsOf,
  InstrumentSpec,
  InstrumentSpecs,
  KeysOf,
  LabelsIn,
  RecorderOptions,
  RecorderSpec,
  Records,
  SeriesOf,
  SetsIn,
  StatsOf,
} from "./spec.ts";
