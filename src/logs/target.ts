/** The receiver of log events. */
import type { LogSeverity } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";

/** Receives log events: a telemetry, or any other object with this method. */
export interface LogTarget {
  /** Takes one event. Its exceptions and rejections are ignored. */
  log(
    severity: LogSeverity,
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): unknown;
}

/**
 * Returns a function that passes an event to `target`, and never throws.
 *
 * @throws {TypeError} If `target` has no method `log`. The message begins with
 *   `action`.
 */
export function logTo(target: LogTarget, action: string): LogTarget["log"] {
  const { log } = Object(target) as Partial<LogTarget>;
  if (typeof log !== "function") {
    throw new TypeError(
      `${action}: the target has no method log; give an object with ` +
        `log(severity, message, fields), such as createTelemetry()`,
    );
  }
  return (...event) => void callSafely(() => target.log(...event), undefined);
}
