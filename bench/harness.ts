/**
 * Measures one thing beside another in the same run.
 *
 * - Each case is warmed up for a second, as compilers need as long, and then
 *   timed in rounds that alternate with those of the other cases, so that a slow
 *   moment of the machine meets all of them.
 * - A figure is the median of its rounds; a ratio is a quotient of medians.
 */

/** What is compared: ours, the released client, or something to look at. */
export type Role = "barograph" | "rival" | "reference";

export interface Case {
  readonly name: string;
  readonly role: Role;
  /** What has to happen before each round, untimed. */
  readonly prepare?: () => void;
  /** Does the work so many times; a promise is waited for. */
  readonly run: (times: number) => unknown;
}

export interface Question {
  /** What is asked: `bound inc()`. */
  readonly title: string;
  /** What one unit is: `ns per call`, `ms per scrape`. */
  readonly unit: "ns" | "ms" | "bytes";
  /** How often the work is done in a round. */
  readonly times: number;
  /** How many rounds are timed; nine unless given. */
  readonly rounds?: number;
  /** What passes: time, unless processor time of all threads is asked for. */
  readonly clock?: () => number;
  readonly cases: readonly Case[];
  /**
   * What is only looked at beside them, with much to collect: made and timed
   * when they are done, so that collectors have no work from it before.
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
  /** The rival's figure over ours: how many times less we take. */
  readonly ratio: number | undefined;
}

const ROUNDS = 9;

/** Milliseconds after which all that is hot should be compiled. */
const WARMING = 1000;

/** Runs of each case before the first that counts, even if they take longer. */
const LEAST_RUNS = 2;

interface Engine {
  readonly gc?: () => void;
  readonly Bun?: { gc(force: boolean): void };
}

/** A full collection, where the runtime offers one. */
export function collectGarbage(): void {
  const { gc, Bun } = globalThis as Engine;
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}

/** Milliseconds of processor time that all threads of the process took. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Keeps the results of the work alive, so that it cannot be left out. */
let kept: unknown;

/** Whatever the work made last. */
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

/** Milliseconds. */
const PAUSE = 40;

/**
 * Lets collectors that work beside us finish with what another case has left.
 * A forced collection would have engines throw compiled code away, and a
 * processor that sleeps takes a while to wake up.
 */
export async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const until = performance.now() + PAUSE;
  while (performance.now() < until);
}

async function warm({ prepare, run }: Case, times: number): Promise<void> {
  const until = performance.now() + WARMING;
  for (let i = 0; i < LEAST_RUNS || performance.now() < until; i++) {
    prepare?.();
    kept = await run(times);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Times the cases of a question, interleaved. */
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
  for (const one of cases) await warm(one, times);
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

/** The result of figures that were found in some other way. */
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
  const of = (role: Role) => figures.find((one) => one.role === role)?.value;
  const [ours, theirs] = [of("barograph"), of("rival")];
  const ratio = ours === undefined || theirs === undefined
    ? undefined
    : theirs / ours;
  return { title, unit, figures, ratio };
}

function shown(value: number, unit: Question["unit"]): string {
  if (unit === "bytes") return `${Math.round(value)} B`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A table in Markdown: a row a question, the figures, the ratio. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ title, unit, figures, ratio }) => {
    const of = (role: Role) => figures.filter((one) => one.role === role);
    const named = (role: Role) =>
      of(role).map(({ name, value }) => `${name} ${shown(value, unit)}`)
        .join("; ");
    const ours = of("barograph").map(({ value }) => shown(value, unit))
      .join(", ");
    const times = ratio === undefined ? "" : `${ratio.toFixed(1)}×`;
    const cells = [title, ours, named("rival"), times, named("reference")];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| work | barograph | released | ratio | beside them |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
