/**
 * Compares cases in the same run.
 *
 * - Each case is warmed up for a second, so that its code is compiled. Then
 *   rounds of all cases alternate, so that a slow moment of the machine affects
 *   all of them.
 * - A figure is the median of the rounds; a ratio is a quotient of medians.
 */

/** The role of a case: this module, the released client, or a reference. */
export type Role = "barograph" | "rival" | "reference";

export interface Case {
  readonly name: string;
  readonly role: Role;
  /** Runs before each round, untimed. */
  readonly prepare?: () => void;
  /** Does the work `times` times; a promise is awaited. */
  readonly run: (times: number) => unknown;
}

export interface Question {
  /** The work that is measured: `bound inc()`. */
  readonly title: string;
  /** Unit of a figure: `ns` per call, `ms` per scrape. */
  readonly unit: "ns" | "ms" | "bytes";
  /** Repetitions in one round. */
  readonly times: number;
  /** Number of timed rounds. Default: 9. */
  readonly rounds?: number;
  /** Returns milliseconds. Default: wall time; see `cpuTime`. */
  readonly clock?: () => number;
  readonly cases: readonly Case[];
  /**
   * Reference cases that leave much garbage. They are created and timed after
   * the others, so that garbage collectors do not disturb those.
   */
  readonly others?: () => readonly Case[];
}

export interface Result {
  readonly title: string;
  readonly unit: Question["unit"];
  readonly figures: readonly {
    readonly name: string;
    readonly role: Role;
    readonly value: number;
  }[];
  /** The figure of the rival divided by the one of barograph. */
  readonly ratio: number | undefined;
}

const ROUNDS = 9;

/** Milliseconds of warm-up, after which hot code should be compiled. */
const WARM_UP = 1000;

/** Minimum number of warm-up runs, even if they take longer than `WARM_UP`. */
const MIN_RUNS = 2;

interface Engine {
  readonly gc?: () => void;
  readonly Bun?: { gc(force: boolean): void };
}

/** Runs a full garbage collection, if the runtime can. */
export function collectGarbage(): void {
  const { gc, Bun } = globalThis as Engine;
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}

/** Returns the processor time of all threads of the process, in milliseconds. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Keeps results alive, so that compilers cannot remove the work. */
let kept: unknown;

/** Returns the last result of the work. */
export function lastKept(): unknown {
  return kept;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds between rounds. */
const PAUSE = 40;

/**
 * Lets concurrent garbage collectors finish with the garbage of other cases.
 *
 * A forced collection makes engines drop compiled code, and a sleeping
 * processor takes a while to wake up: hence a busy loop.
 */
export async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const until = performance.now() + PAUSE;
  while (performance.now() < until);
}

async function warm({ prepare, run }: Case, times: number): Promise<void> {
  const until = performance.now() + WARM_UP;
  for (let i = 0; i < MIN_RUNS || performance.now() < until; i++) {
    prepare?.();
    kept = await run(times);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Times the cases of a question in alternating rounds. */
export async function measure(question: Question): Promise<Result> {
  const { title, unit, cases } = question;
  const values = await medians(question, cases);
  const others = question.others?.() ?? [];
  values.push(...await medians(question, others));
  return resultOf(title, unit, [...cases, ...others], values);
}

async function medians(
  { unit, times, rounds = ROUNDS, clock = () => performance.now() }: Question,
  cases: readonly Case[],
): Promise<number[]> {
  const found = cases.map((): number[] => []);
  const scale = unit === "ms" ? 1 : 1e6;
  for (const current of cases) await warm(current, times);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { prepare, run }] of cases.entries()) {
      prepare?.();
      if (unit === "ms") await pause();
      const start = clock();
      kept = await run(times);
      found[i]!.push((clock() - start) * scale / times);
    }
  }
  return found.map(median);
}

/** Builds a result from figures that were measured elsewhere. */
export function resultOf(
  title: string,
  unit: Question["unit"],
  cases: readonly Pick<Case, "name" | "role">[],
  values: readonly number[],
): Result {
  const figures = cases.map(({ name, role }, i) => ({
    name,
    role,
    value: values[i]!,
  }));
  const valueOf = (role: Role) =>
    figures.find((figure) => figure.role === role)?.value;
  const [ours, theirs] = [valueOf("barograph"), valueOf("rival")];
  const ratio = ours === undefined || theirs === undefined
    ? undefined
    : theirs / ours;
  return { title, unit, figures, ratio };
}

function display(value: number, unit: Question["unit"]): string {
  if (unit === "bytes") return `${Math.round(value)} B`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Returns a Markdown table with one row per question. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ title, unit, figures, ratio }) => {
    const figuresOf = (role: Role) =>
      figures.filter((figure) => figure.role === role);
    const named = (role: Role) =>
      figuresOf(role)
        .map(({ name, value }) => `${name} ${display(value, unit)}`)
        .join("; ");
    const ours = figuresOf("barograph")
      .map(({ value }) => display(value, unit)).join(", ");
    const times = ratio === undefined ? "" : `${ratio.toFixed(1)}×`;
    const cells = [title, ours, named("rival"), times, named("reference")];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| work | barograph | released client | theirs ÷ ours | for reference |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
