/** The package as npm packs it, and fresh projects to use it in. */
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { buildPackage } from "../../tools/npm.ts";

/** Root of this tree, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The command of Deno. */
export const DENO = execPath;

/**
 * Longest time in milliseconds that a program may run. A minute of work takes ten
 * at the low priority that these tests have beside all others.
 */
const PATIENCE = 600_000;

/** The parts of a manifest that tests read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<
    Record<string, { types: string; default: string }>
  >;
}

/** A built and packed package, in a folder that is removed at the end. */
export interface Packed {
  /** The folder of all that the tests make. */
  readonly folder: string;
  /** The folder that is packed. */
  readonly built: string;
  readonly tarball: string;
  readonly manifest: Manifest;
  /** The names to import: that of the package, and those below it. */
  readonly doors: readonly string[];
  remove(): void;
}

/** Builds and packs the package. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-package-"));
  const built = join(folder, "built");
  buildPackage(built);
  await run(["npm", "pack", "--silent", "--pack-destination", folder], built);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  const manifest = JSON.parse(
    readFileSync(join(built, "package.json"), "utf8"),
  ) as Manifest;
  return {
    folder,
    built,
    tarball: join(folder, tarball),
    manifest,
    doors: Object.keys(manifest.exports)
      .map((door) => manifest.name + door.slice(1)),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Writes files below a folder, which is made. */
export function write(
  folder: string,
  files: Readonly<Record<string, string | object>>,
): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return folder;
}

/** Starts a program; tests end it. */
export function start(
  [command, ...args]: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
) {
  return spawn(command!, args, {
    cwd,
    env: { ...env, NO_COLOR: "1", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/**
 * Runs a program to its end and returns its standard output.
 *
 * @throws {Error} If it fails or takes too long, with all its output.
 */
export function run(
  command: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = start(command, cwd, variables);
  let stdout = "", all = "";
  child.stdout.on("data", (text) => (stdout += text, all += text));
  child.stderr.on("data", (text) => all += text);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(stdout);
      reject(
        new Error(`Ended with ${code ?? signal}: ${command.join(" ")}\n${all}`),
      );
    });
  });
}
