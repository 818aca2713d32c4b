/**
 * Mutates code at random places and reports the mutations that no test detects.
 *
 * ```sh
 * deno task mutate --folder http,bus --count 40 --seed 7
 * deno task mutate --files src/http/events/resume_position.ts --count 10
 * deno task mutate --again report.json   # the survivors of an earlier run
 * ```
 *
 * - Mutations are made in a copy of the tree.
 * - Each mutation runs the tests that import its file, directly or not, nearest
 *   first: tests named like the file, tests of its subfolder, tests of its
 *   folder, then all others. The first failure ends the run.
 * - A run that exceeds `--timeout` seconds (default: 120) counts as noticed.
 *
 * Options: `--folder` and `--files` (lists with commas), `--count` (20),
 * `--seed` (1), `--runtime deno|bun`, `--workers` (2), `--near` (skip the tests
 * of other folders), `--list` (print the places only), `--report FILE`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { filesUnder, importsOf, ROOT } from "./imports.ts";
import {
  changesOutput,
  mutated,
  type Mutation,
  mutationsOf,
} from "./mutations.ts";

const QUIETLY = ["--no-check", "--quiet", "--fail-fast"];

/** Tests that are too slow, or that need other programs or a network. */
const FAR_TESTS = /^tests\/(?:oracle|jsr|docs_test|examples_test)/;

const { values: options } = parseArgs({
  options: {
    folder: { type: "string", default: "" },
    files: { type: "string", default: "" },
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string", default: "deno" },
    workers: { type: "string", default: "2" },
    timeout: { type: "string", default: "120" },
    near: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    report: { type: "string" },
    again: { type: "string" },
  },
});

/** A mutation and the result of its tests. */
interface Outcome {
  readonly mutation: Mutation;
  /** The stage and the first test that failed; undefined for survivors. */
  readonly noticedBy?: string | undefined;
}

/** Tests that run together. */
interface Stage {
  readonly name: string;
  readonly tests: readonly string[];
}

function read(file: string): string {
  return readFileSync(ROOT + file, "utf8");
}

/** Returns a generator of numbers from 0 up to 1, by its seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws mutations without repetition, each line at most once. */
function draw(files: readonly string[], count: number): Mutation[] {
  const random = randomFrom(Number(options.seed));
  const rest = files.flatMap((file) => mutationsOf(file, read(file)));
  const drawn: Mutation[] = [];
  const lines = new Set<string>();
  while (drawn.length < count && rest.length > 0) {
    const index = Math.floor(random() * rest.length);
    const mutation = rest.splice(index, 1)[0]!;
    const { file } = mutation;
    const line = `${file}:${mutation.line}`;
    if (lines.has(line) || !changesOutput(read(file), mutation)) continue;
    lines.add(line);
    drawn.push(mutation);
  }
  return drawn;
}

/** Returns the survivors of an earlier report that the tree still has. */
function survivorsOf(report: string): Mutation[] {
  const outcomes = JSON.parse(readFileSync(report, "utf8")) as Outcome[];
  return outcomes.filter(({ noticedBy }) => noticedBy === undefined)
    .flatMap(({ mutation: { file, line, kind, from, to } }) => {
      if (!existsSync(ROOT + file)) return [];
      const same = mutationsOf(file, read(file)).filter((mutation) =>
        mutation.kind === kind && mutation.from === from && mutation.to === to
      );
      const distance = (mutation: Mutation) => Math.abs(mutation.line - line);
      return same.sort((a, b) => distance(a) - distance(b)).slice(0, 1);
    });
}

const TESTS = filesUnder("tests").filter((file) =>
  /_test\.ts$/.test(file) && !FAR_TESTS.test(file)
);

const reached = new Map<string, ReadonlySet<string>>();

/** Returns `file` and every file that it imports, directly or not. */
function reachOf(file: string): ReadonlySet<string> {
  const known = reached.get(file);
  if (known !== undefined) return known;
  const reach = new Set([file]);
  for (const next of reach) {
    if (!existsSync(ROOT + next)) continue;
    for (const imported of importsOf(next)) reach.add(imported);
  }
  reached.set(file, reach);
  return reach;
}

/** Returns the tests that reach `file`, nearest first. */
function stagesOf(file: string): Stage[] {
  const folder = `tests/${file.split("/")[1]}/`;
  const room = file.replace("src/", "tests/").replace(/[^/]*$/, "");
  const name = file.split("/").at(-1)!.replace(/\.ts$/, "");
  const isNear: readonly ((test: string) => boolean)[] = [
    (test) => test.includes(`/${name}_`) || importsOf(test).includes(file),
    (test) => test.startsWith(room),
    (test) => test.startsWith(folder),
    () => true,
  ];
  const tests = isNear.map((): string[] => []);
  for (const test of TESTS) {
    if (!reachOf(test).has(file)) continue;
    tests[isNear.findIndex((near) => near(test))]!.push(test);
  }
  const stages = ["its own tests", room, folder, "other folders"]
    .map((name, i) => ({ name, tests: tests[i]! }));
  if (options.near) stages.pop();
  return stages.filter(({ tests }) => tests.length > 0);
}

/** Copies all files that git does not ignore; links installed packages. */
async function copyTree(): Promise<string> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-co", "--exclude-standard", "-z"],
    cwd: ROOT,
  }).output();
  const copy = mkdtempSync(join(tmpdir(), "barograph-mutate-"));
  for (const file of new TextDecoder().decode(stdout).split("\0")) {
    if (file === "" || !existsSync(ROOT + file)) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(ROOT + file, join(copy, file));
  }
  for (const folder of ["", "tests/", "bench/"]) {
    const modules = `${folder}node_modules`;
    if (existsSync(ROOT + modules)) {
      symlinkSync(ROOT + modules, join(copy, modules));
    }
  }
  return copy;
}

const running = new Set<ChildProcess>();

/** Kills a run and the processes that its tests have started. */
function stop({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it has exited
  }
}

/** Runs tests; returns the first failure, undefined if all passed. */
function failureOf(
  tree: string,
  tests: readonly string[],
): Promise<string | undefined> {
  const args = options.runtime === "bun"
    ? ["test", "--bail", ...tests.map((test) => `./${test}`)]
    : ["test", "-A", "--config", "tests/deno.json", ...QUIETLY, ...tests];
  const child = spawn(options.runtime, args, {
    cwd: tree,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
    detached: true,
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => output += data);
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop(child);
  }, Number(options.timeout) * 1000);
  return new Promise((resolve) => {
    child.on("exit", () => stop(child)); // grandchildren keep the pipes open
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      const [, deno, bun] = /^(.+) => \.\/tests|^\(fail\) (.+)/m.exec(output) ??
        [];
      if (isLate) resolve("timeout");
      else if (code === 0) resolve(undefined);
      else resolve(deno ?? bun ?? "a file did not run");
    });
  });
}

/** Whether the tests of a stage pass without a mutation, by their names. */
const baselines = new Map<string, boolean>();

/** Returns whether tests pass without a mutation; tries twice on busy machines. */
async function isSound(tree: string, { tests }: Stage): Promise<boolean> {
  const key = tests.join();
  const known = baselines.get(key);
  if (known !== undefined) return known;
  const failure = await failureOf(tree, tests) && await failureOf(tree, tests);
  if (failure) console.error(`Skipped, fails without a mutation: ${failure}`);
  baselines.set(key, !failure);
  return !failure;
}

async function judge(tree: string, mutation: Mutation): Promise<Outcome> {
  const { file } = mutation;
  const path = join(tree, file);
  const code = readFileSync(path, "utf8");
  for (const stage of stagesOf(file)) {
    writeFileSync(path, mutated(code, mutation));
    const failure = await failureOf(tree, stage.tests);
    writeFileSync(path, code);
    if (failure === undefined || !await isSound(tree, stage)) continue;
    return { mutation, noticedBy: `${stage.name}: ${failure}` };
  }
  return { mutation };
}

function describe({ file, line, kind, from, to }: Mutation): string {
  const short = (text: string) => {
    const flat = text.replace(/\s+/g, " ");
    return flat.length > 50 ? `${flat.slice(0, 49)}…` : flat;
  };
  return `${file}:${line} ${kind}: ${short(from)} -> ${short(to)}`;
}

function printTable(outcomes: readonly Outcome[]): void {
  const folders = Map.groupBy(
    outcomes,
    ({ mutation }) => mutation.file.split("/").slice(0, 2).join("/"),
  );
  console.log(`\n${"folder".padEnd(18)} mutations  noticed  survived`);
  for (const [folder, all] of [...folders, ["all", outcomes] as const]) {
    const noticed = all.filter(({ noticedBy }) => noticedBy !== undefined);
    const cells = [all.length, noticed.length, all.length - noticed.length];
    const [a, b, c] = cells.map(String) as [string, string, string];
    console.log(
      folder.padEnd(18) + a.padStart(10) + b.padStart(9) + c.padStart(10),
    );
  }
}

const listed = options.files.split(",").filter((file) => file !== "");
const folders = options.folder.split(",").filter((folder) => folder !== "");
const files = [
  ...listed,
  ...folders.flatMap((folder) => filesUnder(`src/${folder}`)),
].filter((file) => !/\/(?:mod|internal)\.ts$/.test(file));
const mutations = options.again === undefined
  ? draw(files, Number(options.count))
  : survivorsOf(options.again);
if (mutations.length === 0) {
  console.error("Nothing to mutate; give --folder http or --files src/…");
  Deno.exit(2);
}
if (options.list) {
  for (const mutation of mutations) console.log(describe(mutation));
  Deno.exit();
}
const outcomes: Outcome[] = [];
const trees: string[] = [];
try {
  const queue = [...mutations];
  const work = async (): Promise<void> => {
    const tree = await copyTree();
    trees.push(tree);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const outcome = await judge(tree, next);
      outcomes.push(outcome);
      const { noticedBy } = outcome;
      console.log(noticedBy ? "noticed " : "SURVIVED", describe(next));
      if (noticedBy) console.log(`         by ${noticedBy}`);
    }
  };
  await Promise.all(
    Array.from({ length: Number(options.workers) }, () => work()),
  );
} finally {
  for (const child of running) stop(child);
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
}
printTable(outcomes);
if (options.report !== undefined) {
  writeFileSync(options.report, JSON.stringify(outcomes, undefined, 2));
}
