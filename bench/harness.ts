/**
 * Measures one thing beside another in the same run.
 *
 * - Each case is warmed up, then timed in rounds that alternate with those of
 *   the other cases, so that a slow moment of the machine meets all of them.
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

/** Times the cases of a question, interleaved. */
export async function measure(question: Question): Promise<Result> {
  const { title, unit, times, cases } = question;
  const { clock = () => performance.now() } = question;
  const rounds = cases.map((): number[] => []);
  const scale = unit === "ms" ? 1 : 1e6;
  for (let round = -2; round < (question.rounds ?? ROUNDS); round++) {
    for (const [i, { prepare, run }] of cases.entries()) {
      prepare?.();
      if (unit === "ms") await pause();
      const start = clock();
      kept = await run(times);
      const each = (clock() - start) * scale / times;
      if (round >= 0) rounds[i]!.push(each);
    }
  }
  return resultOf(title, unit, cases, rounds.map(median));
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
