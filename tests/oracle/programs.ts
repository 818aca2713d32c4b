/**
 * Independent programs that check the output of this module.
 *
 * `eval "$(.ci/oracles)"` downloads them and exports their paths. Tests that
 * need a program are skipped if its variable is not set.
 */
import { spawn } from "node:child_process";
import { env } from "node:process";
import { skippedUnless } from "../support/rounds.ts";

export const PROMTOOL = env["BAROGRAPH_PROMTOOL"];
export const PROMETHEUS = env["BAROGRAPH_PROMETHEUS"];
export const PROMETHEUS_2_53 = env["BAROGRAPH_PROMETHEUS_2_53"];
export const PROMETHEUS_3 = env["BAROGRAPH_PROMETHEUS_3"];
export const PYTHONPATH = env["BAROGRAPH_PYTHONPATH"];

/** Returns the option that skips a test if `program` is missing. */
export function needs(program: string | undefined): { skip: string | false } {
  return skippedUnless(
    program !== undefined,
    'a program is missing: run eval "$(.ci/oracles)" first',
  );
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with `input` as standard input, and waits for its end. */
export function run(
  program: string,
  args: readonly string[],
  input: string | Uint8Array,
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
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
