/**
 * Sums of the counts of several objects, such as the buses of two telemetries, on
 * one registry: each metric exists once, and shows all of them.
 */
import { scopeOf } from "../metrics/internal.ts";
import type { BareRegistry } from "../metrics/mod.ts";

/** Counts by name, also by label and in groups. */
type Counts = number | ReadonlyMap<string, number> | object;

/** Objects of one kind that are exposed on one registry. */
interface Pool<S> {
  readonly live: Set<() => S>;
  /** The counts of objects that left, without their gauges: totals never fall. */
  left: S | undefined;
  exposed: Disposable | undefined;
}

/** The pools of one kind of objects, by registry and by scope in it. */
export class Pools<S extends object> {
  readonly #pools = new WeakMap<object, Map<string, Pool<S>>>();
  readonly #gauges: readonly (keyof S)[];

  /** `gauges` are the members that objects which left no longer have. */
  constructor(gauges: readonly (keyof S)[]) {
    this.#gauges = gauges;
  }

  /**
   * Adds the counts of one object until the result is disposed. The first one
   * calls `expose` with the sum; the metrics stay until the last one has left.
   */
  add(
    registry: BareRegistry,
    stats: () => S,
    expose: (sum: () => S) => Disposable,
  ): Disposable {
    const { root, key } = scopeOf(registry);
    const pools = this.#pools.get(root) ?? new Map<string, Pool<S>>();
    const pool: Pool<S> = pools.get(key) ??
      { live: new Set(), left: undefined, exposed: undefined };
    const own = () => stats(); // one object may be exposed twice
    pool.exposed ??= expose(() => this.#sum(pool));
    this.#pools.set(root, pools.set(key, pool));
    pool.live.add(own);
    return {
      [Symbol.dispose]: () => {
        if (!pool.live.delete(own)) return;
        if (pool.live.size > 0) {
          const last: S = { ...stats() };
          for (const name of this.#gauges) last[name] = 0 as S[keyof S];
          pool.left = pool.left === undefined ? last : sumOf(pool.left, last);
          return;
        }
        pools.delete(key);
        pool.exposed?.[Symbol.dispose]();
      },
    };
  }

  #sum({ live, left }: Pool<S>): S {
    const all = [...live].map((stats) => stats());
    return (left === undefined ? all : [...all, left]).reduce(sumOf);
  }
}

/** Adds counts of the same shape. */
function sumOf<C extends Counts>(a: C, b: C): C;
function sumOf(a: Counts, b: Counts): Counts {
  if (typeof a === "number") return a + (b as number);
  if (a instanceof Map) {
    const sum = new Map(a);
    for (const [name, count] of b as ReadonlyMap<string, number>) {
      sum.set(name, (sum.get(name) ?? 0) + count);
    }
    return sum;
  }
  const others = b as Readonly<Record<string, Counts>>;
  return Object.fromEntries(
    Object.entries(a).map(([name, counts]) => [
      name,
      sumOf(counts as Counts, others[name]!),
    ]),
  );
}
