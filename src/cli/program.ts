/** The program: the commands with the input and output of the runtime. */
import { systemClock, systemTimers } from "../base/mod.ts";
import { commandLine, program, variable } from "../platform/internal.ts";
import { main } from "./main.ts";

/** The address of this module. */
export const MAIN_URL: string = import.meta.url;

/** Runs the command of the program's arguments, and ends the program. */
export async function runProgram(): Promise<void> {
  const { args, end, endRequested } = program();
  const line = commandLine();
  try {
    // Servers and timers of a loaded application would keep running.
    end(
      await main(args(), {
        ...line,
        variable,
        endRequested,
        fetch: (url, init) => fetch(url, init),
        clock: systemClock,
        timers: systemTimers,
      }),
    );
  } catch (error) {
    await line.writeError(`barograph: ${(error as Error).stack}\n`);
    end(70); // an error of this program
  }
}
