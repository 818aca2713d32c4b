/** Registries with one family of the kind that `kindLaws` checks. */
import {
  createRegistry,
  type Family,
  type InstrumentKind,
  type NoSets,
  type Registry,
  type Series,
} from "../metrics/mod.ts";
import type { Rows } from "../model/mod.ts";
import { partsOf } from "../model/internal.ts";
import { FakeClock } from "./fake_clock.ts";

/** A family of the kind with one label. */
export type Labelled<S> = Family<readonly ["k"], S, NoSets>;

/** A registry with one family of the kind, and its clock. */
export interface World<S> {
  readonly registry: Registry;
  readonly clock: FakeClock;
  readonly family: Labelled<S>;
}

/** Options with their defaults. */
export interface Settings<S> {
  readonly record: (series: S, value: number) => void;
  readonly options: object;
  readonly values: readonly number[];
}

/** Makes registries with one family of a kind. */
export class Worlds<S> {
  readonly kind: InstrumentKind<S>;
  readonly options: Settings<S>;
  readonly #name: string;

  constructor(kind: InstrumentKind<S>, options: Settings<S>) {
    this.kind = kind;
    this.options = options;
    const type = kind?.type;
    this.#name = type === "counter" ? "law_total" : `law_${type}`;
  }

  /** Returns the options of the declaration. */
  declaration(extra: object = {}): object {
    const { options } = this.options;
    const common = { name: this.#name, help: "Law.", labels: ["k"] };
    return { ...common, ...options, ...extra };
  }

  /** Declares the family. */
  declare(registry: Registry, extra?: object): Labelled<S> {
    const options = this.declaration(extra);
    return registry.declare(
      this.kind,
      options as never,
    ) as unknown as Labelled<S>;
  }

  /** Returns a new registry with one family of the kind. */
  world(extra: object = {}, clock: FakeClock = new FakeClock()): World<S> {
    const registry = createRegistry({ clock, selfMetrics: false });
    return { registry, clock, family: this.declare(registry, extra) };
  }

  /** Returns a world with recorded values in three series. */
  filled(): World<S> {
    const { values, record } = this.options;
    const world = this.world();
    values.forEach((value, i) => record(world.family.at(`${i % 3}`), value));
    return world;
  }
}

/** Returns the rows of the only family, if caches apply to them. */
export function rowsOf(registry: Registry): Rows | undefined {
  const [part] = partsOf(registry);
  return part?.rows?.isComplete === false ? undefined : part?.rows;
}

/** Returns the row of a series that has one, stale or not. */
export function rowOf(series: unknown): number {
  const { row } = series as Series;
  return row < 0 ? ~row : row;
}

/** Returns a number that grows with each change of a block that caches see. */
export function versionOf({ changes }: Rows, block: number): number {
  return changes.numbers[block]! + changes.versions[block]!;
}
