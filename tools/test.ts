/**
 * Runs the tests on each runtime, and reports which tests were skipped.
 *
 *     deno task test [deno] [bun] [node24] [node22] [--long] [files or folders]
 *     deno task test --long --checks
 *     bun run test
 *
 * - A run of all tests on a runtime has `PARTS`, each a process. Two run side by
 *   side: most tests use one processor. The output of one is printed after that of
 *   the other.
 * - A part on Deno is one file that imports all others of it: Deno loads the
 *   modules of each file again, which takes as long as most tests.
 * - `--checks` runs the other checks too, at a lower priority: they take the time
 *   in which the tests wait.
 * - Deno and Bun run the sources, Node runs the built package (see
 *   `node_tests.ts`). `bun run test` runs the tests on Bun alone.
 * - The everyday run does a twentieth of the rounds of large property tests;
 *   `--long` does all of them on Deno and Bun (see `tests/support/rounds.ts`).
 * - Bun's default timeout of 5 s is too short on a busy machine: `TIMEOUT` is the
 *   timeout of all tests that set none.
 * - Deno does not check types here; `deno task check` does.
 * - A test that is skipped without a reason fails the run.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { argv, env, execPath, exit, stdout, versions } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Note } from "../tests/support/rounds.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Timeout in milliseconds of a test that sets none. */
const TIMEOUT = 120_000;

/**
 * The number of parts in which all tests run. More of them end at the same time,
 * and load the modules more often. Bun has one heap for all files of a process:
 * with hundreds of them in it laws take five times as long.
 */
const PARTS: Readonly<Record<Runtime, number>> = {
  deno: 8,
  bun: 4,
  node24: 3,
  node22: 3,
};

/** The priority of the other checks: a "nice" value, from 0 to 19. */
const LOW_PRIORITY = 10;

const RUNTIMES = ["deno", "bun", "node24", "node22"] as const;

type Runtime = typeof RUNTIMES[number];

/**
 * The tasks that are no tests of a runtime, the longest first; but `compilers`
 * before `package`, which uses what it installs.
 */
const CHECKS = ["compilers", "package", "check", "workerd", "size"] as const;

type Check = typeof CHECKS[number];

/** A run of tests, or another check. */
type Job = Runtime | Check;

const isBun = versions["bun"] !== undefined;
const args = argv.slice(2);
const isLong = args.includes("--long");
const checks = args.includes("--checks") ? CHECKS : [];
const named = RUNTIMES.filter((name) => args.includes(name));
const paths = args.filter((arg) =>
  !["--long", "--checks", ...named].includes(arg)
);

/** A process of a job. */
interface Part {
  readonly job: Job;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function isCheck(job: Job): job is Check {
  return CHECKS.some((check) => check === job);
}

/** Returns the parts of a job; `folder` is for files that they need. */
async function partsOf(job: Job, folder: string): Promise<readonly Part[]> {
  if (isCheck(job)) {
    // One file at a time: the processors run other jobs as well.
    const env = { DENO_JOBS: "1" };
    return [{ job, command: [execPath, "task", job], env }];
  }
  if (job === "deno") return await denoParts(folder);
  if (job === "bun") return await bunParts();
  const { nodeCommand } = await import("./node_tests.ts");
  const major = job === "node22" ? 22 : 24;
  const parts = paths.length > 0 ? [paths] : await testsInParts(PARTS[job]);
  return await Promise.all(parts.map(async (tests) => ({
    job,
    ...await nodeCommand(major, tests, { timeout: TIMEOUT }),
  })));
}

/** The rounds of the laws on Deno and Bun. */
const ROUNDS: Part["env"] = isLong ? { BAROGRAPH_ROUNDS: "1" } : {};

/** Returns all files with tests, dealt out to a number of parts. */
async function testsInParts(count: number): Promise<readonly string[][]> {
  const { testsIn } = await import("./node_tests.ts");
  const tests = testsIn(["tests"]).sort();
  return Array.from(
    { length: count },
    (_, part) => tests.filter((_, i) => i % count === part),
  );
}

async function denoParts(folder: string): Promise<readonly Part[]> {
  const config = ["--config", "tests/deno.json", "--no-check"];
  const part = (files: readonly string[]): Part => ({
    job: "deno",
    command: [execPath, "test", "-A", ...config, ...files],
    env: ROUNDS,
  });
  if (paths.length > 0) return [part(paths)];
  const parts = await testsInParts(PARTS.deno);
  return parts.map((tests, i) => {
    const file = join(folder, `${i + 1}_test.ts`);
    const imports = tests.map((path) =>
      `import "${pathToFileURL(join(ROOT, path))}";\n`
    );
    writeFileSync(file, imports.join(""));
    return part([file]);
  });
}

async function bunParts(): Promise<readonly Part[]> {
  const bun = isBun ? execPath : await (await import("./bun.ts")).findBun();
  const part = (...more: readonly string[]): Part => ({
    job: "bun",
    command: [bun, "test", `--timeout=${TIMEOUT}`, ...more],
    env: ROUNDS,
  });
  // Without "./", Bun takes a path as a pattern of names.
  const files = paths.map((path) => path.replace(/^(?!\.?\/)/, "./"));
  return files.length > 0 ? [part(...files)] : Array.from(
    { length: PARTS.bun },
    (_, i) => part(`--shard=${i + 1}/${PARTS.bun}`),
  );
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly notes: readonly Note[];
  readonly seconds: number;
}

/** Prints the output of several parts, one after the other. */
class Printer {
  readonly #waiting: Part[];
  readonly #texts = new Map<Part, string>();
  readonly #ended = new Set<Part>();

  constructor(parts: readonly Part[]) {
    this.#waiting = [...parts];
  }

  print(part: Part, text: string): void {
    if (part === this.#waiting[0]) stdout.write(text);
    else this.#texts.set(part, (this.#texts.get(part) ?? "") + text);
  }

  end(part: Part): void {
    this.#ended.add(part);
    while (this.#waiting.length > 0 && this.#ended.has(this.#waiting[0]!)) {
      this.#waiting.shift();
      const [next] = this.#waiting;
      if (next !== undefined) stdout.write(this.#texts.get(next) ?? "");
    }
  }
}

/** Runs a part, and prints its output; the tests write notes into a new file. */
async function run(
  part: Part,
  file: string,
  printer: Printer,
): Promise<Outcome> {
  const start = performance.now();
  writeFileSync(file, "");
  const { command: [program, ...args], env: more, job } = part;
  const child = spawn(program!, args, {
    cwd: ROOT,
    env: { ...env, BAROGRAPH_TEST_NOTES: file, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (isCheck(job)) setPriority(child.pid!, LOW_PRIORITY);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      printer.print(part, text);
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  const notes = readFileSync(file, "utf8").split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line) as Note);
  printer.end(part);
  return { code, output, notes, seconds: (performance.now() - start) / 1000 };
}

/** Returns the outcome of a job of several parts. */
function joined(outcomes: readonly Outcome[]): Outcome {
  return {
    code: outcomes.find(({ code }) => code !== 0)?.code ?? 0,
    output: outcomes.map(({ output }) => output).join(""),
    notes: outcomes.flatMap(({ notes }) => notes),
    seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** Returns the tests that a runtime reports as skipped; on Node with the reason. */
function skippedTests(output: string): string[] {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  // Deno: "title ... ignored (0ms)". Bun: "(skip) title", and once more at the
  // end of its output. Node: "﹣ title (0.1ms) # reason".
  const skipped =
    /^(?:\((?:skip|todo)\) (.+)|(.+) \.\.\. ignored\b.*|﹣ (.+) \([\d.]+ms\) # (.*))$/gm;
  const tests = [...plain.matchAll(skipped)]
    .map(([, bun, deno, node, reason]) =>
      node === undefined ? `"${bun ?? deno}"` : `"${node}": ${reason}`
    );
  return [...new Set(tests)];
}

function reportTime(job: Job, { code, seconds }: Outcome): void {
  console.log(
    `${job}: ${code === 0 ? "ok" : "FAILED"} in ${seconds.toFixed(0)} s`,
  );
}

/** Prints the rounds and tests that a run skipped; returns whether all have a reason. */
function reportSkipped(
  runtime: Runtime,
  { output, notes }: Outcome,
): boolean {
  const skipped = skippedTests(output);
  const reasons = notes.flatMap((note) =>
    "skipped" in note ? note.skipped : []
  );
  const laws = notes.flatMap((note) => "did" in note ? note : []);
  const sum = (pick: (law: { did: number; of: number }) => number) =>
    laws.reduce((total, law) => total + pick(law), 0);
  if (laws.length > 0) {
    console.log(
      `${runtime}: ${sum(({ did }) => did)} of ${
        sum(({ of }) => of)
      } rounds of ` +
        `${laws.length} large laws, because this is the everyday run; ` +
        `"deno task test:long" does all on Deno and Bun`,
    );
  }
  for (const test of skipped) console.log(`${runtime}: skipped ${test}`);
  for (const reason of new Set(reasons)) {
    const count = reasons.filter((other) => other === reason).length;
    console.log(`${runtime}: ${count} skipped because ${reason}`);
  }
  const isExplained = skipped.length <= reasons.length;
  if (!isExplained) {
    console.log(
      `${runtime}: ${
        skipped.length - reasons.length
      } skipped without a reason; ` +
        "use skippedUnless() of tests/support/rounds.ts",
    );
  }
  return isExplained;
}

const all: readonly Runtime[] = isBun ? ["bun"] : RUNTIMES;
const runtimes = named.length > 0 && !isBun ? named : all;
const jobs: readonly Job[] = [...runtimes, ...checks];
const LANES = Math.min(2, availableParallelism());
if (!isBun && !existsSync(join(ROOT, "tests", "node_modules"))) {
  const cwd = join(ROOT, "tests");
  spawnSync(execPath, ["install", "--quiet"], { cwd, stdio: "inherit" });
}
const folder = mkdtempSync(join(tmpdir(), "barograph-test-"));
let isGreen = true;
try {
  const parts: Part[] = [];
  for (const job of jobs) parts.push(...await partsOf(job, folder));
  const outcomes = new Map<Part, Outcome>();
  const printer = new Printer(parts);
  const lane = async (queue: Part[]) => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const file = join(folder, `${parts.indexOf(part)}.jsonl`);
      outcomes.set(part, await run(part, file, printer));
    }
  };
  const tests = parts.filter(({ job }) => !isCheck(job));
  await Promise.all([
    ...Array.from({ length: LANES }, () => lane(tests)),
    lane(parts.filter(({ job }) => isCheck(job))),
  ]);
  console.log();
  for (const job of jobs) {
    const outcome = joined(
      parts.filter((part) => part.job === job).map((part) =>
        outcomes.get(part)!
      ),
    );
    reportTime(job, outcome);
    if (outcome.code !== 0) isGreen = false;
    if (!isCheck(job) && !reportSkipped(job, outcome)) isGreen = false;
  }
} finally {
  rmSync(folder, { recursive: true });
}
exit(isGreen ? 0 : 1);
