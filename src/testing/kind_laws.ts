/** The laws that every instrument kind must satisfy, for authors of kinds. */
import { fn, ofType, readOptions, rule } from "../base/internal.ts";
import { allFormats, expose } from "../encode/mod.ts";
import {
  createRegistry,
  type Family,
  type InstrumentKind,
  noopRegistry,
  type NoSets,
  type Registry,
  type Series,
} from "../metrics/mod.ts";
import {
  capture,
  type FamilySnapshot,
  merge,
  replay,
  type Rows,
} from "../model/mod.ts";
import { BLOCK_BITS, partsOf } from "../model/internal.ts";
import { FakeClock } from "./fake_clock.ts";
import { poison } from "./poison.ts";

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

/** The number of series: enough for rows in three blocks. */
const SERIES = 40;

/** Seconds after which series expire, in the law `revive`. */
const EXPIRY = 60;

/** Values that recorders must survive: NaN, infinities and wrong types. */
const NONSENSE: readonly unknown[] = [
  ...[NaN, Infinity, -Infinity, "1", null, undefined, {}, 1n, Symbol("x")],
];

/**
 * Checks the laws of an instrument kind, each on new registries:
 *
 * - `mark`: recording marks each change, so that caches see it.
 * - `negative zero`: no cell is ever -0.
 * - `no throw`: recording never throws, whatever the value.
 * - `revive`: a series that expired continues with its old state.
 * - `fresh`: a series that was removed or reset, or that reuses the row of a
 *   removed series, equals a new series.
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
 *   the reason.
 * @throws {TypeError} If an option is wrong.
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
  laws.check("mark", () => laws.marks());
  laws.check("negative zero", () => laws.negativeZero());
  laws.check("no throw", () => laws.throwsNothing());
  laws.check("revive", () => laws.revives());
  laws.check("fresh", () => laws.isFresh());
  laws.check("replay", () => laws.replays());
  laws.check("poison", () => laws.survivesPoison());
  laws.check("merge", () => laws.merges());
  laws.check("terms", () => laws.agreesOnTerms());
  laws.check("noop", () => laws.servesNoop());
}

type Labelled<S> = Family<readonly ["k"], S, NoSets>;

/** A registry with one family of the kind, and its clock. */
interface World<S> {
  readonly registry: Registry;
  readonly clock: FakeClock;
  readonly family: Labelled<S>;
}

/** Options with their defaults. */
interface Settings<S> {
  readonly record: (series: S, value: number) => void;
  readonly options: object;
  readonly values: readonly number[];
}

class KindLaws<S> {
  readonly #kind: InstrumentKind<S>;
  readonly #options: Settings<S>;
  readonly #name: string;

  constructor(kind: InstrumentKind<S>, options: Settings<S>) {
    this.#kind = kind;
    this.#options = options;
    const { type } = kind;
    this.#name = type === "counter" ? "law_total" : `law_${type}`;
  }

  check(law: string, work: () => string | undefined): void {
    let why: string | undefined;
    let cause: unknown;
    try {
      why = work();
    } catch (error) {
      cause = error;
      why = `it threw ${error}`;
    }
    if (why === undefined) return;
    throw new Error(
      `The kind "${this.#kind.id}" breaks the law "${law}": ${why}`,
      { cause },
    );
  }

  marks(): string | undefined {
    const { registry, family } = this.#world();
    for (let i = 0; i < SERIES; i++) family.at(`${i}`);
    const rows = rowsOf(registry);
    if (rows === undefined) return undefined; // caches do not apply
    for (const value of this.#options.values) {
      for (const k of ["0", `${SERIES - 1}`]) {
        const series = family.at(k);
        const block = rowOf(series) >> BLOCK_BITS;
        const before = textOf(registry);
        const seen = versionOf(rows, block);
        this.#options.record(series, value);
        rows.open();
        if (versionOf(rows, block) !== seen) continue;
        if (textOf(registry) === before) continue;
        return `recording ${value} changed the series but marked nothing; ` +
          "call mark(store.marks, row)";
      }
    }
    return undefined;
  }

  negativeZero(): string | undefined {
    for (const value of this.#options.values) {
      const { registry, family } = this.#world();
      const rows = rowsOf(registry);
      this.#options.record(family.at("a"), value);
      if (rows?.cells.some((cell) => Object.is(cell, -0))) {
        return `recording ${value} stored -0 in a cell; store value + 0`;
      }
    }
    return undefined;
  }

  throwsNothing(): string | undefined {
    const { family } = this.#world();
    for (const value of NONSENSE) {
      try {
        this.#options.record(family.at("a"), value as number);
      } catch (error) {
        return `recording ${String(value)} threw ${error}; ` +
          "call store.reject instead";
      }
    }
    return undefined;
  }

  revives(): string | undefined {
    const expiring = this.#world({ expireAfter: EXPIRY });
    const lasting = this.#world({}, expiring.clock);
    const worlds = [expiring, lasting];
    const series = worlds.map(({ family }) => family.at("a"));
    for (const value of this.#options.values) {
      const before = textOf(lasting.registry);
      for (const each of series) this.#options.record(each, value);
      // An ignored value does not revive the series.
      if (before !== "" && textOf(lasting.registry) === before) continue;
      for (let pass = 0; pass < 2; pass++) {
        const [actual, expected] = worlds.map(({ registry }) =>
          textOf(registry)
        );
        if (actual !== expected) {
          return `after recording ${value}, a series that had ` +
            `${pass === 0 ? "expired" : "become stale"} was ${actual} ` +
            `instead of ${expected}; call store.revive if the row is ` +
            "negative, and hand over all state by release and restore";
        }
      }
      expiring.clock.advance(EXPIRY);
      if (textOf(expiring.registry) !== "") {
        return "an idle series did not expire";
      }
    }
    return undefined;
  }

  isFresh(): string | undefined {
    const { values, record } = this.#options;
    for (const value of values) {
      const fresh = this.#world();
      fresh.family.init([{ k: "a" }]);
      const blank = textOf(fresh.registry);
      record(fresh.family.at("a"), value);
      const recorded = textOf(fresh.registry);
      const removed = this.#world({}, fresh.clock);
      const held = removed.family.at("a");
      for (const each of values) record(held, each);
      removed.family.remove({ k: "a" });
      record(held, value);
      const again = textOf(removed.registry);
      if (again !== "" && again !== recorded) { // "" if the value was ignored
        return "a removed series that records again differs from a new one; " +
          "drop its state in release";
      }
      removed.family.remove({ k: "a" });
      const reused = removed.family.at("a");
      if (textOf(removed.registry) !== blank) {
        return "a series in the row of a removed one differs from a new one; " +
          "drop its state in release, and give the first value as initial";
      }
      // Kinds without rows reset the state outside of the cells themselves.
      if (rowsOf(removed.registry) === undefined) continue;
      for (const each of values) record(reused, each);
      const { store } = reused as unknown as Series;
      store.reset(rowOf(reused));
      if (textOf(removed.registry) !== blank) {
        return "a series that was reset differs from a new one";
      }
    }
    return undefined;
  }

  replays(): string | undefined {
    const { registry } = this.#filled();
    const again = replay(capture(registry));
    return this.#sameBytes(registry, again, "its replayed capture");
  }

  survivesPoison(): string | undefined {
    const { registry } = this.#filled();
    expose(poison(registry), allFormats()[0]!);
    return this.#sameBytes(registry, poison(registry), "its poisoned source");
  }

  merges(): string | undefined {
    const { values, record } = this.#options;
    const [one, other] = [this.#filled(), this.#filled()];
    for (const value of values.slice(1)) record(other.family.at("0"), value);
    const [a, b] = [capture(one.registry), capture(other.registry)];
    const [ab, ba] = [merge([a, b]), merge([b, a])].map(replay);
    return this.#sameBytes(ab!, ba!, "the merge in the other order");
  }

  agreesOnTerms(): string | undefined {
    const { registry, family } = this.#world();
    if (this.#declare(registry) !== family) {
      return "declaring the kind twice returned two families";
    }
    const other: InstrumentKind<S> = Object.create(this.#kind, {
      id: { value: `${this.#kind.id} of another package` },
    });
    try {
      registry.declare(other, this.#declaration() as never);
    } catch {
      return undefined;
    }
    return "declaring another kind under the same name was no conflict";
  }

  servesNoop(): string | undefined {
    const family = this.#declare(noopRegistry);
    try {
      for (const value of this.#options.values) {
        this.#options.record(family.at("a"), value);
        this.#options.record(family.with({ k: "a" }), value);
        this.#options.record(family.bind({ k: "a" }) as S, value);
      }
    } catch (error) {
      return `recording in noopRegistry threw ${error}; give the kind a noop`;
    }
    return undefined;
  }

  #declaration(extra: object = {}): object {
    const { options } = this.#options;
    const common = { name: this.#name, help: "Law.", labels: ["k"] };
    return { ...common, ...options, ...extra };
  }

  #declare(registry: Registry, extra?: object): Labelled<S> {
    const options = this.#declaration(extra);
    return registry.declare(
      this.#kind,
      options as never,
    ) as unknown as Labelled<S>;
  }

  #world(extra: object = {}, clock: FakeClock = new FakeClock()): World<S> {
    const registry = createRegistry({ clock, selfMetrics: false });
    return { registry, clock, family: this.#declare(registry, extra) };
  }

  /** Returns a world with recorded values in three series. */
  #filled(): World<S> {
    const { values, record } = this.#options;
    const world = this.#world();
    values.forEach((value, i) => record(world.family.at(`${i % 3}`), value));
    return world;
  }

  #sameBytes(
    source: Parameters<typeof expose>[0],
    other: Parameters<typeof expose>[0],
    name: string,
  ): string | undefined {
    for (const format of allFormats()) {
      const [a, b] = [expose(source, format), expose(other, format)];
      if (a.length === b.length && a.every((byte, i) => byte === b[i])) {
        continue;
      }
      return `${name} encodes to other bytes in ${format.contentType}`;
    }
    return undefined;
  }
}

/** Returns the rows of the only family, if the kind has rows. */
function rowsOf(registry: Registry): Rows | undefined {
  const [part] = partsOf(registry);
  return part?.rows;
}

function rowOf(series: unknown): number {
  const { row } = series as Series;
  return row < 0 ? ~row : row;
}

/** Returns a number that grows with each change of a block that caches see. */
function versionOf({ changes }: Rows, block: number): number {
  return changes.numbers[block]! + changes.versions[block]!;
}

/** Returns all series of the only family as text; "" if there are none. */
function textOf(registry: Registry): string {
  const [family] = capture(registry).families;
  if (family === undefined || family.starts.length === 0) return "";
  const { desc: _desc, times: _times, exemplars, ...columns }: FamilySnapshot =
    family;
  return JSON.stringify({ ...columns, exemplars: [...exemplars] }, lossless);
}

/** A replacer that writes typed arrays as lists, and all numbers distinctly. */
function lossless(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as Float64Array, numberText);
  }
  return typeof value === "number" ? numberText(value) : value;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
