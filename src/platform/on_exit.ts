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
 * SIGTERM end the process. `work` may be called more than once, because programs
 * may go on after a signal. Keeps no process alive, and changes no exit code.
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
  // A Worker has no event `unload` if it is one of node:worker_threads.
  if (Deno !== undefined) global.addEventListener?.("unload", listener);
  process?.on?.("exit", listener);
  const unlisten = beforeSignal(finishing);
  return () => {
    if (Deno !== undefined) global.removeEventListener?.("unload", listener);
    process?.off?.("exit", listener);
    unlisten();
  };
}
