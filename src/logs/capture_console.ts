/** Turns calls of the console into log events. */
import type { LogSeverity, Timers } from "../base/mod.ts";
import {
  callSafely,
  isError,
  ofType,
  readOptions,
  rule,
  type SchemaOf,
  TIMERS,
} from "../base/internal.ts";
import { consoleText } from "./console_text.ts";
import { type LogTarget, logTo } from "./target.ts";

/** The methods of the console that can be captured. */
export type ConsoleMethod = "debug" | "log" | "info" | "warn" | "error";

/** The part of a console that is captured. */
export type ConsoleLike = {
  [M in ConsoleMethod]: (...args: unknown[]) => void;
};

/** Options of `captureConsole`. */
export interface CaptureConsoleOptions {
  /** The console to capture. Default: the global one. */
  readonly console?: ConsoleLike | undefined;
  /** The methods to capture. Default: all of them. */
  readonly methods?: readonly ConsoleMethod[] | undefined;
  /** Timers of the limit of lines. Default: the timers of the runtime. */
  readonly timers?: Timers | undefined;
}

/** A captured console; disposing it ends the capture. */
export interface CapturedConsole extends Disposable {
  /** The methods of the console as they were: they print, and are not captured. */
  readonly original: Readonly<ConsoleLike>;
}

/** The severity of each method. */
const SEVERITIES: Readonly<Record<ConsoleMethod, LogSeverity>> = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
};

const METHODS = Object.keys(SEVERITIES) as ConsoleMethod[];

const ACTION = "Cannot capture the console";

/**
 * Maximum number of lines that are captured in a turn of the event loop. A reader
 * of the events that prints each of them would else never end.
 */
const MAX_LINES = 1000;

const OPTIONS = {
  console: ofType<ConsoleLike>(["object"], "a console, such as console"),
  methods: rule<readonly ConsoleMethod[]>(
    (value) =>
      Array.isArray(value) &&
      value.every((method) => METHODS.includes(method)),
    `a list of methods, such as ["warn", "error"]`,
    METHODS,
  ),
  timers: TIMERS,
} satisfies SchemaOf<CaptureConsoleOptions>;

/**
 * Passes each call of `console.debug`, `log`, `info`, `warn` and `error` to
 * `target` as a log event, until the result is disposed. The console still
 * prints. `log` has the severity `info`.
 *
 * - The message is the text that the console prints, bounded. The first argument
 *   that is an error becomes the field `error`.
 * - Calls that `target` makes itself are only printed. So are lines beyond 1000
 *   in one turn of the event loop.
 * - A program that prints the events it gets must print them with `original`:
 *   otherwise each line would become another event.
 * - The capture never throws, and changes nothing that the console prints.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 * import { captureConsole } from "@barograph/barograph/logs";
 *
 * const telemetry = createTelemetry({ service: "shop" });
 * {
 *   using _capture = captureConsole(telemetry);
 *   console.warn("%d orders are late", 3);
 * }
 * console.log(telemetry.bus.newest); // 1
 * await telemetry.close();
 * ```
 *
 * @throws {TypeError} If the target or an option is wrong, or if the console
 *   cannot be changed.
 */
export function captureConsole(
  target: LogTarget,
  options: CaptureConsoleOptions = {},
): CapturedConsole {
  const log = logTo(target, ACTION);
  const read = readOptions(ACTION, OPTIONS, options);
  const { console: captured = globalThis.console, methods, timers } = read;
  let isActive = true;
  let isCapturing = false;
  let lines = 0;
  const restart = (timers: Timers) => void timers.after(0, () => lines = 0);
  const capture = (method: ConsoleMethod, args: readonly unknown[]): void => {
    if (!isActive || isCapturing) return;
    isCapturing = true;
    try {
      // More than once: a timer of a Worker can end with its request.
      if (lines++ % MAX_LINES === 0) callSafely(restart, timers);
      if (lines > MAX_LINES) return;
      const error = args.find(isError);
      const fields = error === undefined ? undefined : { error };
      log(SEVERITIES[method], consoleText(args), fields);
    } catch {
      // The line is printed all the same.
    } finally {
      isCapturing = false;
    }
  };
  const original = {} as ConsoleLike;
  const undo: (() => void)[] = [];
  const release = (): void => {
    isActive = false;
    for (const restore of undo.splice(0)) callSafely(restore, undefined);
  };
  try {
    for (const method of METHODS) {
      const print = captured[method];
      original[method] = print.bind(captured);
      if (!methods.includes(method)) continue;
      undo.push(replaced(captured, method, function (this: unknown, ...args) {
        capture(method, args);
        return print.apply(this, args);
      }));
    }
  } catch (cause) {
    release();
    throw new TypeError(
      `${ACTION}: its methods cannot be replaced; give { console }`,
      { cause },
    );
  }
  return { original, [Symbol.dispose]: release };
}

/**
 * Replaces a method; returns a function that restores it. It stays if another
 * library has replaced it since: then it only prints.
 */
function replaced(
  captured: ConsoleLike,
  method: ConsoleMethod,
  wrapper: (this: unknown, ...args: unknown[]) => void,
): () => void {
  const before = Object.getOwnPropertyDescriptor(captured, method);
  captured[method] = wrapper;
  return () => {
    if (captured[method] !== wrapper) return;
    if (before === undefined) delete (captured as Partial<ConsoleLike>)[method];
    else Object.defineProperty(captured, method, before);
  };
}
