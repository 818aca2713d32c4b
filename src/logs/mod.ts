/**
 * Sources of log events: the console, and the loggers pino and LogTape. Each
 * event goes to a telemetry, which publishes it and exports it with its trace.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 * import { captureConsole } from "@barograph/barograph/logs";
 *
 * const telemetry = createTelemetry({ service: "shop" });
 * const capture = captureConsole(telemetry);
 * console.info("ready");
 * capture[Symbol.dispose](); // at the end of the program
 * await telemetry.close();
 * ```
 *
 * @module
 */
export type { Cancel, LogSeverity, TimerOptions, Timers } from "../base/mod.ts";
export {
  captureConsole,
  type CaptureConsoleOptions,
  type CapturedConsole,
  type ConsoleLike,
  type ConsoleMethod,
} from "./capture_console.ts";
export {
  type LogtapeRecord,
  logtapeSink,
  type PinoDestination,
  pinoDestination,
} from "./sinks.ts";
export type { LogTarget } from "./target.ts";
