/**
 * Independent programs that check the output of this module.
 *
 * `eval "$(.ci/oracles)"` downloads them and exports their paths. Tests that
 * need a program are skipped if its variable is not set.
 */
import { spawn } from "node:child_process";
import { env } from "node:process";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";

/** The programs by the names of their variables, without `BAROGRAPH_`. */
export type ProgramName =
  | "AMTOOL"
  | "CHROMIUM"
  | "PROMTOOL"
  | "PROMTOOL_3"
  | "PROMETHEUS"
  | "PROMETHEUS_2_53"
  | "PROMETHEUS_3"
  | "PUSHGATEWAY"
  | "PUSHGATEWAY_1_11"
  | "VICTORIA_METRICS"
  | "OTLP_PROTOS"
  | "PYTHONPATH"
  | "NGINX";

/** Returns the path of a program; undefined if it is missing. */
export function programOf(name: ProgramName): string | undefined {
  return env[`BAROGRAPH_${name}`];
}

export const PROMTOOL = programOf("PROMTOOL");
export const PROMETHEUS = programOf("PROMETHEUS");
export const PROMETHEUS_3 = programOf("PROMETHEUS_3");
export const PYTHONPATH = programOf("PYTHONPATH");

/** Returns the option that skips a test if a program is missing. */
export function needs(name: ProgramName): { skip: string | false } {
  return skippedUnless(
    programOf(name) !== undefined,
    `BAROGRAPH_${name} is not set: run eval "$(.ci/oracles)" first`,
  );
}

/**
 * Returns the option that skips a test on all runtimes but Deno, or if a program
 * is missing: the program is asked about what is the same on every runtime.
 */
export function needsOnce(name: ProgramName): { skip: string | false } {
  const program = needs(name);
  return program.skip !== false ? program : skippedUnless(
    RUNTIME === "deno",
    "only Deno tests what is the same on every runtime",
  );
}

/**
 * Returns the option that skips a test on Node, or if a program is missing: the
 * program is asked about what depends on the engine alone, and Deno has the engine
 * of Node.
 */
export function needsPerEngine(name: ProgramName): { skip: string | false } {
  const program = needs(name);
  return program.skip !== false ? program : skippedUnless(
    RUNTIME !== "node",
    "only Deno and Bun test what depends on the engine alone",
  );
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with `input` as standard input, in `folder`, until it ends. */
export function run(
  program: string,
  args: readonly string[],
  input: string | Uint8Array,
  variables: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: folder,
      env: { ...env, ...variables },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => stdout += text);
    child.stderr.setEncoding("utf8").on("data", (text) => stderr += text);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
