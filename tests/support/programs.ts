/** Runs programs of this repository as a user runs them, on this runtime. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:net";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "../runtimes/server.ts";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** How a program has ended, and what it has printed. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the arguments of this runtime that run `file`. */
export function runArgs(
  file: string,
  permissions: readonly string[] = ["-A"],
): string[] {
  if (RUNTIME === "node") return [file];
  const flags = RUNTIME === "deno" ? ["--no-check", ...permissions] : [];
  return ["run", ...flags, file];
}

/** What `start` adds to the environment and the permissions of a program. */
export interface StartOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** The permissions on Deno. Default: network and environment. */
  readonly permissions?: readonly string[];
}

/** Starts `file`, a path below `ROOT`. */
export function start(
  file: string,
  args: readonly string[] = [],
  {
    variables = {},
    permissions = ["--allow-net", "--allow-env"],
  }: StartOptions = {},
): ChildProcess {
  return spawn(execPath, [...runArgs(file, permissions), ...args], {
    cwd: ROOT,
    env: { ...env, ...variables },
  });
}

/** Resolves when `child` has ended. */
export async function ended(child: ChildProcess): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (text) => stdout += text);
  child.stderr!.on("data", (text) => stderr += text);
  const code = await new Promise<number | null>((resolve) =>
    child.on("close", resolve)
  );
  return { code, stdout, stderr };
}

/**
 * Returns a port that stays in use until `server` is closed.
 *
 * @throws {Error} If `wanted` is not free
 */
export function takenPort(
  wanted = 0,
): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      resolve({ port, server });
    });
  });
}
