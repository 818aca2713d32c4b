/** Work that is done when an isolate ends in order. */
import { beforeSignal, type Finishing } from "./signals.ts";

interface Process {
  on?(event: "exit", listener: () => void): unknown;
  off?(event: "exit", listener: () => void): unknown;
}

interface Global {
  readonly process?: Process;
  readonly Deno?: unknown;
  addEventListener?(event: "unload", listener: () => void): void;
  removeEventListener?(event: "unload", listener: () => void): void;
}

/**
 * Calls `work` when the isolate ends in order, until the result is called: at the
 * event `unload` of Deno, at the event `exit` of `process`, and before SIGINT or
 * SIGTERM end the process. Most ends have two of these, and a program may go on
 * after a signal: `work` is called at each. Keeps no process alive, and changes no
 * exit code.
 */
export function onExit(work: () => void): () => void {
  const global = globalThis as Global;
  const { process, Deno } = global;
  // `beforeSignal` holds it weakly; the listener holds it as long as needed.
  const finishing: Finishing = {
    finish() {
      try {
        work();
      } catch {
        // The isolate ends.
      }
      return Promise.resolve();
    },
  };
  const listener = (): void => void finishing.finish(0);
  // Workers have no `unload`, and `Deno.exit()` causes no `exit`.
  if (Deno !== undefined) global.addEventListener?.("unload", listener);
  process?.on?.("exit", listener);
  const unlisten = beforeSignal(finishing);
  return () => {
    if (Deno !== undefined) global.removeEventListener?.("unload", listener);
    process?.off?.("exit", listener);
    unlisten();
  };
}
