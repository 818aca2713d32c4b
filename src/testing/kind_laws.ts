/** The laws that every instrument kind must satisfy, for authors of kinds. */
import { fn, ofType, readOptions, rule } from "../base/internal.ts";
import type { InstrumentKind } from "../metrics/mod.ts";
import { KindLaws } from "./kind_law_checks.ts";

/** Options of `kindLaws`. */
export interface KindLawsOptions<S, Own = unknown> {
  /** Records `value` in a series; the kind may ignore or reject the value. */
  readonly record: (series: S, value: number) => void;
  /** The options of the kind itself. Default: none. */
  readonly options?: Own | undefined;
  /** Values to record; include -0. Default: numbers on both sides of zero. */
  readonly values?: readonly number[] | undefined;
}

const OPTIONS = {
  record: fn<(series: never, value: number) => void>(
    "(series, value) => series.record(value)",
  ),
  options: ofType<object>(["object"], "the options of the kind", {}),
  values: rule<readonly number[]>(
    (value) => Array.isArray(value) && value.length > 0,
    "a list of numbers, such as [1, 3, 2]",
    [-0, -2, -0.5, 3, 0.25, -0, 7, 1, 0],
  ),
};

/**
 * Checks the laws of an instrument kind, each on new registries:
 *
 * - `record`: recording changes the exposition, with at least one of the values.
 * - `points`: no two points have the same labels, and each is of a series that
 *   exists.
 * - `mark`: recording marks each change, so that caches see it.
 * - `negative zero`: no cell is ever -0.
 * - `no throw`: recording never throws, whatever the value.
 * - `revive`: a series that expired continues with its old state.
 * - `fresh`: a series that was removed or reset, or that reuses the row of a
 *   removed series, equals a new series.
 * - `neighbours`: recording changes no other series.
 * - `growth`: a series records after the table has grown.
 * - `replay`: a replayed capture encodes to the same bytes in all formats.
 * - `poison`: `emit` lends nothing that it needs later.
 * - `merge`: snapshots of two workers merge to the same in either order.
 * - `terms`: declaring twice returns the same family; another kind under the same
 *   name is a conflict.
 * - `noop`: `noopRegistry` serves the kind.
 *
 * ```ts
 * import { counters } from "@barograph/barograph/metrics";
 * import { kindLaws } from "@barograph/barograph/testing";
 *
 * kindLaws(counters, { record: (counter, value) => counter.inc(value) });
 * ```
 *
 * Works with any test runner: call it inside a test.
 *
 * @throws {Error} If a law does not hold; the message names the kind, the law and
 *   the reason. An error that the kind threw is its cause.
 * @throws {TypeError | RangeError} If an option is wrong, also one of the kind.
 */
export function kindLaws<S, Own>(
  kind: InstrumentKind<S, Own>,
  options: KindLawsOptions<S, NoInfer<Own>>,
): void {
  const action = `Cannot check the kind "${kind?.id}"`;
  const untyped = options as unknown as Readonly<Record<string, unknown>>;
  const { record, ...read } = readOptions(action, OPTIONS, untyped);
  if (record === undefined) {
    throw new TypeError(
      `${action}: record is missing; give ${OPTIONS.record.advice}`,
    );
  }
  const laws = new KindLaws<S>(kind as InstrumentKind<S>, {
    ...read,
    record: record as (series: S, value: number) => void,
  });
  laws.world(); // an option that the kind refuses is not a broken law
  laws.check("record", () => laws.isSeen());
  laws.check("points", () => laws.writesOnce());
  laws.check("mark", () => laws.marks());
  laws.check("negative zero", () => laws.negativeZero());
  laws.check("no throw", () => laws.throwsNothing());
  laws.check("revive", () => laws.revives());
  laws.check("fresh", () => laws.isFresh());
  laws.check("neighbours", () => laws.sparesNeighbours());
  laws.check("growth", () => laws.grows());
  laws.check("replay", () => laws.replays());
  laws.check("poison", () => laws.survivesPoison());
  laws.check("merge", () => laws.merges());
  laws.check("terms", () => laws.agreesOnTerms());
  laws.check("noop", () => laws.servesNoop());
}
