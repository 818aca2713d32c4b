/**
 * The cost of an observation.
 *
 * Each case has its own loop: a shared loop would be megamorphic, which costs
 * more than the observation.
 */
import { createRegistry } from "../src/metrics/mod.ts";
import type { Question } from "./harness.ts";
import { othersOf } from "./record_others.ts";
import * as rival from "./rival.ts";

const NAMES = ["method", "route", "status"] as const;
const TIMES = 500_000;

/** 180 label sets: 3 methods, 12 routes, 5 status codes. */
export const TUPLES = ["GET", "POST", "PUT"].flatMap((method) =>
  Array.from({ length: 12 }, (_, i) => `/api/v1/route${i}`).flatMap((route) =>
    ["200", "201", "400", "404", "500"].map((status) => ({
      method,
      route,
      status,
    }))
  )
);

/** Seconds that are spread over all default buckets. */
const VALUES = Float64Array.from(
  { length: 1024 },
  (_, i) => 10 ** ((i * 7919 % 1024) / 256 - 3),
);

/** A counter reduced to a field, a check and an addition. */
class BareCounter {
  value = 0;

  inc(by = 1): void {
    if (!(by >= 0 && by < Infinity)) return;
    this.value += by;
  }
}

/** The same on a column of a typed array, as in the registry. */
class BareSlot {
  readonly #cells: Float64Array;
  readonly #row: number;

  constructor(cells: Float64Array, row: number) {
    this.#cells = cells;
    this.#row = row;
  }

  inc(by = 1): void {
    if (!(by >= 0 && by < Infinity)) return;
    this.#cells[this.#row]! += by;
  }
}

/** A copy of `BareSlot` that is called with integers only. */
class WholeSlot {
  readonly #cells = new Float64Array(8);

  inc(by = 1): void {
    if (!(by >= 0 && by < Infinity)) return;
    this.#cells[7]! += by;
  }
}

type Tuple = Readonly<Record<string, string>>;
type Level = Map<string, number | Level>;

/** A rejected lookup, which enumerates labels instead of reading them by name. */
class EnumeratingIndex {
  readonly #root: Level = new Map();
  readonly #series: BareSlot[] = [];
  readonly #cells = new Float64Array(TUPLES.length);

  add(tuple: Tuple): void {
    let level = this.#root;
    for (const name of NAMES.slice(0, 2)) {
      const value = tuple[name]!;
      const next = level.get(value) as Level | undefined ?? new Map();
      level.set(value, next);
      level = next;
    }
    const row = this.#series.length;
    level.set(tuple[NAMES[2]]!, row);
    this.#series.push(new BareSlot(this.#cells, row));
  }

  with(labels: Tuple): BareSlot {
    let level: number | Level | undefined = this.#root;
    let at = 0;
    for (const name in labels) {
      if (name !== NAMES[at++] || typeof level !== "object") break;
      level = level.get(labels[name]!);
    }
    return this.#series[level as number]!;
  }

  /** Does the minimum of work for any tree of maps. */
  inc({ method, route, status }: typeof TUPLES[number]): void {
    const level = this.#root.get(method) as Map<string, Level>;
    const row = level.get(route)!.get(status) as number;
    this.#cells[row]! += 1;
  }
}

/** The lookup that the index replaced: one map, keyed by joined values. */
class JoinedIndex {
  readonly #series = new Map<string, BareCounter>();

  with({ method, route, status }: typeof TUPLES[number]): BareCounter {
    const key = `${method}|${route}|${status}`;
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, series = new BareCounter());
    return series;
  }
}

export function recordQuestions(): Question[] {
  const help = "Bench.";
  const registry = createRegistry();
  const registers = [new rival.Registry()];
  const plain = registry.counter({ name: "plain_total", help });
  const counter = registry.counter({ name: "c_total", help, labels: NAMES });
  const histogram = registry.histogram({ name: "h", help, labels: NAMES });
  const rivalPlain = new rival.Counter({
    name: "plain_total",
    help,
    registers,
  });
  const labelNames = NAMES;
  const rivalCounter = new rival.Counter({
    name: "c_total",
    help,
    labelNames,
    registers,
  });
  const rivalHistogram = new rival.Histogram({
    name: "h",
    help,
    labelNames,
    registers,
  });
  const bare = new BareCounter();
  const cells = new Float64Array(64);
  const slots = Array.from(cells, (_, row) => new BareSlot(cells, row));
  for (const slot of slots) slot.inc(0.3); // see src/metrics/series.ts
  const slot = slots[7]!;
  const whole = new WholeSlot();
  const bares = slots.map(() => new BareCounter());
  const joined = new JoinedIndex();
  const enumerating = new EnumeratingIndex();
  const tuple = TUPLES[7]!;
  const bound = counter.with(tuple);
  const rivalBound = rivalCounter.labels(tuple);
  const boundHistogram = histogram.with(tuple);
  const rivalBoundHistogram = rivalHistogram.labels(tuple);
  const turns = TUPLES.slice(0, 64).map((labels) => counter.with(labels));
  for (const labels of TUPLES) {
    counter.with(labels);
    enumerating.add(labels);
    rivalCounter.labels(labels);
  }

  const questions: Question[] = [
    {
      title: "`inc()` without labels",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) plain.inc();
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) rivalPlain.inc();
          },
        },
        {
          name: "a field, a check and an addition",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) bare.inc();
          },
        },
        {
          name: "the same on a column",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) slot.inc();
          },
        },
        {
          name: "on a column that saw whole numbers only",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) whole.inc();
          },
        },
      ],
    },
    {
      title: "`inc()` of 64 counters in turn",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) turns[i & 63]!.inc();
          },
        },
        {
          name: "a field, a check and an addition",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) bares[i & 63]!.inc();
          },
        },
        {
          name: "the same on a column",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) slots[i & 63]!.inc();
          },
        },
      ],
    },
    {
      title: "bound `inc()`",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) bound.inc();
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) rivalBound.inc();
          },
        },
      ],
    },
    {
      title: "`with({3 labels}).inc()`, 180 label sets",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) counter.with(TUPLES[i % 180]!).inc();
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) rivalCounter.inc(TUPLES[i % 180]!);
          },
        },
        {
          name: "at(), by position",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              const { method, route, status } = TUPLES[i % 180]!;
              counter.at(method, route, status).inc();
            }
          },
        },
        {
          name: "three maps and an addition",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) enumerating.inc(TUPLES[i % 180]!);
          },
        },
        {
          name: "labels enumerated (rejected)",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              enumerating.with(TUPLES[i % 180]!).inc();
            }
          },
        },
        {
          name: "a joined key (collides; rejected)",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) joined.with(TUPLES[i % 180]!).inc();
          },
        },
      ],
    },
    {
      title: "bound `observe()`, 11 buckets",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              boundHistogram.observe(VALUES[i & 1023]!);
            }
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              rivalBoundHistogram.observe(VALUES[i & 1023]!);
            }
          },
        },
      ],
    },
    {
      title: "`with({3 labels}).observe()`, 180 label sets",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              histogram.with(TUPLES[i % 180]!).observe(VALUES[i & 1023]!);
            }
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              rivalHistogram.observe(TUPLES[i % 180]!, VALUES[i & 1023]!);
            }
          },
        },
      ],
    },
  ];
  const others = othersOf(NAMES, TUPLES, VALUES);
  return questions.map((question) => ({
    ...question,
    cases: [...question.cases, ...others[question.title] ?? []],
  }));
}
