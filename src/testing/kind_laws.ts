/** The laws that every kind of instrument must hold, for authors of kinds. */
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
  /** Records `value` in a series; the kind may ignore or reject it. */
  readonly record: (series: S, value: number) => void;
  /** The own options of the kind. Default: none. */
  readonly options?: Own | undefined;
  /**
   * Values to record; -0 among them. Default: small numbers on both sides of
   * zero.
   */
  readonly values?: readonly number[] | undefined;
}

const OPTIONS = {
  record: fn<(series: never, value: number) => void>(
    "(series, value) => series.record(value)",
  ),
  options: ofType<object>(["object"], "the own options of the kind", {}),
  values: rule<readonly number[]>(
    (value) => Array.isArray(value) && value.length > 0,
    "a list of numbers, such as [1, 3, 2]",
    [-0, -2, -0.5, 3, 0.25, -0, 7, 1, 0],
  ),
};

/** Enough series for rows in three blocks. */
const SERIES = 40;

/** Seconds after which series expire, where they do. */
const EXPIRY = 60;

/** Values that no instrument can be given by type. */
const NONSENSE: readonly unknown[] = [
  ...[NaN, Infinity, -Infinity, "1", null, undefined, {}, 1n, Symbol("x")],
];

/**
 * Checks the laws of a kind of instrument, each on new registries:
 *
 * - `mark`: whatever a record changes is marked, so that caches see it.
 * - `negative zero`: no cell is ever -0.
 * - `no throw`: a record never throws, whatever it is given.
 * - `revive`: a series that expired continues where it was.
 * - `fresh`: a series that was removed or reset, and one in the row of a
 *   removed one, equals a new series.
 * - `replay`: a replayed capture encodes to the same bytes in all formats.
 * - `poison`: `emit` hands out nothing that it needs later.
 * - `merge`: snapshots of two workers merge, in either order to the same.
 * - `terms`: the same declaration returns the same family; another kind of the
 *   same name is a conflict.
 * - `noop`: `noopRegistry` serves the kind.
 *
 * ```ts
 * import { counters } from "@barograph/barograph/metrics";
 * import { kindLaws } from "@barograph/barograph/testing";
 *
 * kindLaws(counters, { record: (counter, value) => counter.inc(value) });
 * ```
 *
 * It depends on no test runner: call it inside a test.
 *
 * @throws {Error} Naming the kind, the law that does not hold, and why.
 * @throws {TypeError} If an option is wrong.
 */
export function kindLaws<S, Own>(
  kind: InstrumentKind<S, Own>,
  options: KindLawsOptions<S, NoInfer<Own>>,
): void {
  const action = `Cannot check the kind "${kind?.id}"`;
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const { record, ...read } = readOptions(action, OPTIONS, given);
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
    if (rows === undefined) return undefined; // nothing is cached
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
      for (const one of series) this.#options.record(one, value);
      // A value that was ignored revives nothing.
      if (before !== "" && textOf(lasting.registry) === before) continue;
      for (let pass = 0; pass < 2; pass++) {
        const [one, other] = worlds.map(({ registry }) => textOf(registry));
        if (one !== other) {
          return `after a record of ${value}, a series that had ` +
            `${pass === 0 ? "expired" : "become stale"} was ${one} ` +
            `in place of ${other}; pass records on a negative row through ` +
            "store.revive, and hand over all state by release and restore";
        }
      }
      expiring.clock.advance(EXPIRY);
      if (textOf(expiring.registry) !== "") return "an idle series stayed";
    }
    return undefined;
  }

  isFresh(): string | undefined {
    const { values, record } = this.#options;
    for (const value of values) {
      const wanted = this.#world();
      wanted.family.init([{ k: "a" }]);
      const blank = textOf(wanted.registry);
      record(wanted.family.at("a"), value);
      const recorded = textOf(wanted.registry);
      const removed = this.#world({}, wanted.clock);
      const held = removed.family.at("a");
      for (const any of values) record(held, any);
      removed.family.remove({ k: "a" });
      record(held, value);
      const again = textOf(removed.registry);
      if (again !== "" && again !== recorded) { // "": the value was ignored
        return "a removed series that records again differs from a new one; " +
          "forget its state in release";
      }
      removed.family.remove({ k: "a" });
      const reused = removed.family.at("a");
      if (textOf(removed.registry) !== blank) {
        return "a series in the row of a removed one differs from a new one; " +
          "forget its state in release, and give the first value as initial";
      }
      // Other kinds reset what they keep outside the cells themselves.
      if (rowsOf(removed.registry) === undefined) continue;
      for (const any of values) record(reused, any);
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
      return "declaring it twice made two families";
    }
    const other: InstrumentKind<S> = Object.create(this.#kind, {
      id: { value: `${this.#kind.id} of another package` },
    });
    try {
      registry.declare(other, this.#declaration() as never);
    } catch {
      return undefined;
    }
    return "another kind of the same name was taken for it";
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

  #declaration(more: object = {}): object {
    const { options } = this.#options;
    const common = { name: this.#name, help: "Law.", labels: ["k"] };
    return { ...common, ...options, ...more };
  }

  #declare(registry: Registry, more?: object): Labelled<S> {
    const options = this.#declaration(more);
    return registry.declare(
      this.#kind,
      options as never,
    ) as unknown as Labelled<S>;
  }

  #world(more: object = {}, clock: FakeClock = new FakeClock()): World<S> {
    const registry = createRegistry({ clock, selfMetrics: false });
    return { registry, clock, family: this.#declare(registry, more) };
  }

  /** A world with records in some series. */
  #filled(): World<S> {
    const { values, record } = this.#options;
    const world = this.#world();
    values.forEach((value, i) => record(world.family.at(`${i % 3}`), value));
    return world;
  }

  #sameBytes(
    source: Parameters<typeof expose>[0],
    other: Parameters<typeof expose>[0],
    what: string,
  ): string | undefined {
    for (const format of allFormats()) {
      const [one, two] = [expose(source, format), expose(other, format)];
      if (
        one.length === two.length && one.every((byte, i) => byte === two[i])
      ) {
        continue;
      }
      return `${what} encodes to other bytes in ${format.contentType}`;
    }
    return undefined;
  }
}

/** The rows of the only family of a registry, if they can be cached. */
function rowsOf(registry: Registry): Rows | undefined {
  const [part] = partsOf(registry);
  return part?.rows;
}

function rowOf(series: unknown): number {
  const { row } = series as Series;
  return row < 0 ? ~row : row;
}

/** A number that grows with each change of a block that caches can see. */
function versionOf({ changes }: Rows, block: number): number {
  return changes.numbers[block]! + changes.versions[block]!;
}

/** All series of the only family as text; "" if there are none. */
function textOf(registry: Registry): string {
  const [family] = capture(registry).families;
  if (family === undefined || family.starts.length === 0) return "";
  const { desc: _desc, times: _times, exemplars, ...columns }: FamilySnapshot =
    family;
  return JSON.stringify({ ...columns, exemplars: [...exemplars] }, plain);
}

/** Typed arrays as lists, and numbers so that none of them is lost. */
function plain(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as Float64Array, plainNumber);
  }
  return typeof value === "number" ? plainNumber(value) : value;
}

function plainNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
