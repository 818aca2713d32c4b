/** Writes results: one file per bench and runtime, with the machine. */
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

interface Runtimes {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
}

const { Deno, Bun } = globalThis as Runtimes;

/** The runtime and the machine of a run. */
export interface Setting {
  readonly runtime: "deno" | "bun";
  readonly version: string;
  readonly machine: string;
}

const cpu = cpus()[0]?.model.trim() ?? "unknown";

export const setting: Setting = {
  runtime: Bun === undefined ? "deno" : "bun",
  version: Bun?.version ?? Deno?.version.deno ?? "unknown",
  machine: `${cpu}, ${cpus().length} cores, ${platform()} ${arch()}`,
};

/** Writes `bench/results/<name>-<runtime>.json`; the main bench has no name. */
export function save(name: string, results: object): void {
  const file = name === "" ? setting.runtime : `${name}-${setting.runtime}`;
  write(file, { ...setting, ...results });
}

/** Writes `bench/results/<file>.json`. */
export function write(file: string, report: object): void {
  const folder = fileURLToPath(new URL("./results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(report, null, 2);
  writeFileSync(`${folder}${file}.json`, `${text}\n`);
}
