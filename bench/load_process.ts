/**
 * Processes of the benches that have a server. Each answers lines of JSON, and
 * exits at the end of its input. Those of the load test are pinned to one core
 * each if `taskset` exists.
 */
import {
  type ChildProcessWithoutNullStreams,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { execPath, kill, stderr } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Whether processes can be pinned to a core. */
export const pins = cpus().length > 1 &&
  spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/**
 * Returns the command that runs `file` on a runtime, and on one core unless
 * `core` is undefined.
 */
export function commandOf(
  on: "deno" | "bun",
  core: number | undefined,
  file: string,
  ...args: readonly string[]
): readonly string[] {
  const at = fileURLToPath(new URL(file, import.meta.url));
  const isOurs = ("Bun" in globalThis) === (on === "bun");
  const program = isOurs ? execPath : on;
  const run = on === "bun" ? ["run"] : ["run", "-A", "--no-check"];
  const pin = pins && core !== undefined ? ["taskset", "-c", String(core)] : [];
  return [...pin, program, ...run, at, ...args];
}

/**
 * Returns the same command with idle priority, so that it never delays another
 * process on its core: otherwise the kernel lets it run for milliseconds while
 * a response waits.
 */
export function yielding(command: readonly string[]): readonly string[] {
  const canYield = spawnSync("chrt", ["--idle", "0", "true"]).status === 0;
  return canYield ? ["chrt", "--idle", "0", ...command] : command;
}

/** A process that answers each line of input with a line. */
export class Helper {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #isPaused = false;

  constructor([command = "", ...args]: readonly string[]) {
    this.#child = spawn(command, args);
    this.#child.stderr.pipe(stderr);
    const lines = createInterface({ input: this.#child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? NaN;
  }

  async line<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) {
      throw new Error("Cannot continue: a process of the test has exited");
    }
    return JSON.parse(value);
  }

  ask<T>(question: unknown): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    return this.line();
  }

  /** Stops the process until `resume`: it uses no processor time meanwhile. */
  pause(): void {
    kill(this.pid, "SIGSTOP");
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) kill(this.pid, "SIGCONT");
    this.#isPaused = false;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.resume();
    const closed = once(this.#child, "close");
    this.#child.stdin.end();
    await closed;
  }
}
