/** Everything outside of the program that its commands use. */
import type { Clock, Timers } from "../base/mod.ts";
import type { CommandLine } from "../platform/mod.ts";

/** The input and output of `main`. */
export interface CliIo extends CommandLine {
  /** Returns an environment variable; undefined if it is unset. */
  variable(name: string): string | undefined;
  /** Resolves when the user or the system ends the program. */
  endRequested(): Promise<void>;
  /** Sends a request. */
  fetch(
    url: URL,
    init: {
      readonly headers: Record<string, string>;
      readonly signal: AbortSignal;
    },
  ): Promise<Response>;
  /** The clock of times on the screen. */
  readonly clock: Clock;
  /** The timers of everything that waits. */
  readonly timers: Timers;
}
