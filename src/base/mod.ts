/** Building blocks that other folders pass on to users. */
export { ByteWriter } from "./byte_writer.ts";
export { type Clock, type Stopwatch, stopwatch, systemClock } from "./clock.ts";
export { FamilyConflictError } from "./errors.ts";
export { ESCAPING_SCHEMES, type EscapingScheme } from "./escaping.ts";
export type { LogSeverity } from "./severity.ts";
export {
  type Cancel,
  systemTimers,
  type TimerOptions,
  type Timers,
} from "./timers.ts";
export { type Fragment, fragment, type TextWriter } from "./text_writer.ts";
export type { MetricNames } from "./vocabulary.ts";
