/**
 * Runs the tests on each runtime, and reports which tests were skipped.
 *
 *     deno task test [deno] [bun] [node24] [node22] [--long] [files or folders]
 *     deno task test --long --checks
 *     bun run test
 *
 * - Two runtimes run side by side: most tests use one processor. The output of
 *   one is printed after that of the other.
 * - A run of all tests on Deno is `SHARDS` files that import all others: it
 *   loads the modules of each file again, which takes as long as most tests.
 * - A run of all tests on Bun is `SHARDS` processes, one after the other: it has
 *   one heap for all files, and with hundreds of them in it laws take five times
 *   as long.
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
  mkdirSync,
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

/** The number of parts in which all tests run: on Deno files, on Bun processes. */
const SHARDS: Readonly<Record<"deno" | "bun", number>> = { deno: 8, bun: 4 };

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

/** The commands of a job, and the variables that they need. */
interface JobCommands {
  readonly commands: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
}

function isCheck(job: Job): job is Check {
  return CHECKS.some((check) => check === job);
}

async function commandsOf(job: Job, folder: string): Promise<JobCommands> {
  return isCheck(job)
    // One file at a time: the processors run other jobs as well.
    ? { commands: [[execPath, "task", job]], env: { DENO_JOBS: "1" } }
    : await testCommands(job, folder);
}

/** Writes files that import all tests into a new folder; returns the folder. */
async function gathered(folder: string): Promise<string> {
  const { testsIn } = await import("./node_tests.ts");
  const tests = testsIn(["tests"]).sort();
  const shards = join(folder, "shards");
  mkdirSync(shards);
  for (let shard = 0; shard < SHARDS.deno; shard++) {
    const imports = tests.filter((_, i) => i % SHARDS.deno === shard)
      .map((path) => `import "${pathToFileURL(join(ROOT, path))}";\n`);
    writeFileSync(join(shards, `${shard + 1}_test.ts`), imports.join(""));
  }
  return shards;
}

/**
 * Returns the commands that run the tests of a runtime; `folder` is for files
 * that they need.
 */
async function testCommands(
  runtime: Runtime,
  folder: string,
): Promise<JobCommands> {
  const rounds = isLong ? { BAROGRAPH_ROUNDS: "1" } : {};
  if (runtime === "deno") {
    const config = ["--config", "tests/deno.json", "--no-check"];
    const files = paths.length > 0 ? paths : [await gathered(folder)];
    return {
      commands: [[execPath, "test", "-A", ...config, ...files]],
      env: rounds,
    };
  }
  if (runtime !== "bun") {
    const { nodeCommand } = await import("./node_tests.ts");
    const major = runtime === "node22" ? 22 : 24;
    const tests = paths.length > 0 ? paths : ["tests"];
    const { command, env } = await nodeCommand(major, tests, {
      timeout: TIMEOUT,
    });
    return { commands: [command], env };
  }
  const bun = isBun
    ? [execPath]
    : [execPath, "run", "-A", "--config", "deno.json", "tools/bun.ts"];
  // Without "./", Bun takes a path as a pattern of names.
  const files = paths.map((path) => path.replace(/^(?!\.?\/)/, "./"));
  const command = [...bun, "test", `--timeout=${TIMEOUT}`];
  const shards = Array.from(
    { length: SHARDS.bun },
    (_, i) => [...command, `--shard=${i + 1}/${SHARDS.bun}`],
  );
  return {
    commands: files.length > 0 ? [[...command, ...files]] : shards,
    env: rounds,
  };
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly notes: readonly Note[];
  readonly seconds: number;
}

/** Prints the output of several jobs, one after the other. */
class Printer {
  readonly #waiting: Job[];
  readonly #texts = new Map<Job, string>();
  readonly #ended = new Set<Job>();

  constructor(jobs: readonly Job[]) {
    this.#waiting = [...jobs];
  }

  print(job: Job, text: string): void {
    if (job === this.#waiting[0]) stdout.write(text);
    else this.#texts.set(job, (this.#texts.get(job) ?? "") + text);
  }

  end(job: Job): void {
    this.#ended.add(job);
    while (this.#waiting.length > 0 && this.#ended.has(this.#waiting[0]!)) {
      this.#waiting.shift();
      const [next] = this.#waiting;
      if (next !== undefined) stdout.write(this.#texts.get(next) ?? "");
    }
  }
}

/** Runs a job, and prints its output. */
async function run(
  job: Job,
  folder: string,
  printer: Printer,
): Promise<Outcome> {
  const start = performance.now();
  const file = join(folder, `${job}.jsonl`);
  writeFileSync(file, "");
  const { commands, env: more } = await commandsOf(job, folder);
  let code = 0;
  let output = "";
  for (const [program, ...args] of commands) {
    const child = spawn(program!, args, {
      cwd: ROOT,
      env: { ...env, BAROGRAPH_TEST_NOTES: file, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (isCheck(job)) setPriority(child.pid!, LOW_PRIORITY);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        printer.print(job, text);
      });
    }
    const ended = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
    code ||= ended;
  }
  const notes = readFileSync(file, "utf8").split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line) as Note);
  printer.end(job);
  return { code, output, notes, seconds: (performance.now() - start) / 1000 };
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
const LANES = Math.min(2, runtimes.length, availableParallelism());
if (!isBun && !existsSync(join(ROOT, "tests", "node_modules"))) {
  const cwd = join(ROOT, "tests");
  spawnSync(execPath, ["install", "--quiet"], { cwd, stdio: "inherit" });
}
const folder = mkdtempSync(join(tmpdir(), "barograph-test-"));
let isGreen = true;
try {
  const outcomes = new Map<Job, Outcome>();
  const printer = new Printer(jobs);
  const lane = async (queue: Job[]) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      outcomes.set(next, await run(next, folder, printer));
    }
  };
  const tests: Job[] = [...runtimes];
  await Promise.all([
    ...Array.from({ length: LANES }, () => lane(tests)),
    lane([...checks]),
  ]);
  console.log();
  for (const job of jobs) {
    const outcome = outcomes.get(job)!;
    reportTime(job, outcome);
    if (outcome.code !== 0) isGreen = false;
    if (!isCheck(job) && !reportSkipped(job, outcome)) isGreen = false;
  }
} finally {
  rmSync(folder, { recursive: true });
}
exit(isGreen ? 0 : 1);
