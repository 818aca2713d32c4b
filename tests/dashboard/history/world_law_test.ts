/**
 * The history of arbitrary worlds against a naive model: series that are removed
 * and come back, rows that are used again, resets.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import type { Frame } from "../../../src/dashboard/history/kept_history.ts";
import type {
  Change,
  FamilyId,
  History,
} from "../../../src/dashboard/protocol.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";

const KINDS = ["c_total", "g", "h_seconds", "n_seconds"] as const;
type Kind = typeof KINDS[number];

/** Records in a series, removes it, or lets time pass. */
type Step =
  | { readonly kind: Kind; readonly key: string; readonly value: number }
  | { readonly kind: Kind; readonly removed: string }
  | { readonly seconds: number };

const kind = fc.constantFrom(...KINDS);
const key = fc.constantFrom("a", "b", "c", "d");
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind, key, value: fc.nat({ max: 3 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind, removed: key }) },
    {
      weight: 3,
      arbitrary: fc.record({ seconds: fc.integer({ min: 1, max: 3 }) }),
    },
  ),
  { maxLength: 120 },
);

/** Classic bucket of a value, and native bucket in the resolution of the page. */
const CLASSIC = [0, 0, 1, 2];
const NATIVE = [-100_000, 0, 4, 7];

/** One series of the model. */
interface Modelled {
  exists: boolean;
  /** The numbers since it was read, or its level. */
  level: number;
  sum: number;
  buckets: Map<number, number>;
  /** Whether a reader knows it, and its level then. */
  isKnown: boolean;
  knownLevel: number;
}

class Model {
  readonly #series = new Map<string, Modelled>();

  record(kind: Kind, key: string, value: number): void {
    const name = `${kind} ${key}`;
    let series = this.#series.get(name);
    if (series === undefined || !series.exists) {
      const { isKnown = false, knownLevel = NaN } = series ?? {};
      series = {
        exists: true,
        level: 0,
        sum: 0,
        buckets: new Map(),
        isKnown,
        knownLevel,
      };
      this.#series.set(name, series);
    }
    if (kind === "g") series.level = value;
    else if (kind === "c_total") series.level += value;
    else {
      const bucket = (kind === "h_seconds" ? CLASSIC : NATIVE)[value]!;
      series.buckets.set(bucket, (series.buckets.get(bucket) ?? 0) + 1);
      series.sum += value;
    }
  }

  remove(kind: Kind, key: string): void {
    const series = this.#series.get(`${kind} ${key}`);
    if (series !== undefined) series.exists = false;
  }

  /** Returns the changes since the last call, and forgets them. */
  take(): Map<string, readonly (number | null)[]> {
    const changes = new Map<string, readonly (number | null)[]>();
    for (const [name, series] of this.#series) {
      const [kind] = name.split(" ") as [Kind];
      if (!series.exists) {
        if (series.isKnown) changes.set(name, [null]);
        series.isKnown = false;
        continue;
      }
      const isNew = !series.isKnown;
      series.isKnown = true;
      if (kind === "g") {
        if (isNew || series.level !== series.knownLevel) {
          changes.set(name, [series.level]);
        }
        series.knownLevel = series.level;
      } else if (kind === "c_total") {
        if (isNew || series.level > 0) changes.set(name, [series.level]);
        series.level = 0;
      } else {
        const pairs = [...series.buckets].sort(([a], [b]) => a - b).flat();
        if (isNew || pairs.length > 0) {
          changes.set(name, [series.sum, ...pairs]);
        }
        series.sum = 0;
        series.buckets.clear();
      }
    }
    return changes;
  }
}

/** Sums the columns of a series, or takes the last, least and largest level. */
function mergedColumns(
  columns: readonly (readonly (number | null)[])[],
  kind: Kind,
): readonly (number | null)[] {
  const pairs = new Map<number, number>();
  let sum = 0;
  for (const [first, ...rest] of columns) {
    if (first === null) continue;
    sum += first!;
    for (let at = 0; at < rest.length; at += 2) {
      const bucket = rest[at]!;
      pairs.set(bucket, (pairs.get(bucket) ?? 0) + rest[at + 1]!);
    }
  }
  if (kind !== "g") {
    return [
      sum,
      ...[...pairs].sort(([a], [b]) => a - b).flat(),
    ];
  }
  const levels = columns.map(([level]) => level!);
  return [levels.at(-1)!, Math.min(...levels), Math.max(...levels)];
}

function world() {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock, selfMetrics: false });
  const common = { help: "X.", labels: ["key"] } as const;
  const counter = registry.counter({ name: "c_total", ...common });
  const gauge = registry.gauge({ name: "g", ...common });
  const classic = registry.histogram({
    name: "h_seconds",
    buckets: [1, 2],
    ...common,
  });
  const native = registry.histogram({
    name: "n_seconds",
    native: { schema: 3 },
    ...common,
  });
  const families = {
    c_total: counter,
    g: gauge,
    h_seconds: classic,
    n_seconds: native,
  };
  const record = (kind: Kind, key: string, value: number) => {
    if (kind === "c_total") counter.with({ key }).inc(value);
    else if (kind === "g") gauge.with({ key }).set(value);
    else (kind === "h_seconds" ? classic : native).with({ key }).observe(value);
  };
  const history = keepHistory(registry, { clock, timers });
  const nameOf = (family: FamilyId, change: Change): string => {
    const info = history.families.get(family)!;
    return `${info.name} ${history.series(change[0])!.values[0]}`;
  };
  return { timers, families, record, history, nameOf };
}

/** Returns the changes of frames by the names of their series. */
function byName(
  changes: Frame["changes"],
  nameOf: (family: FamilyId, change: Change) => string,
): Map<string, readonly (number | null)[]> {
  const named = new Map<string, readonly (number | null)[]>();
  for (const [family, list] of changes) {
    for (const change of list) {
      const [, ...numbers] = change;
      named.set(nameOf(family, change), numbers);
    }
  }
  return named;
}

const sorted = <V>(map: ReadonlyMap<string, V>) =>
  [...map].sort(([a], [b]) => a < b ? -1 : 1);

test("law: frames and history tell what was recorded, second by second", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { timers, families, record, history, nameOf } = world();
      using _history = history;
      timers.advance(10);
      using _look = history.look();
      timers.advance(1.5);
      const model = new Model();
      const frames: Frame[] = [];
      history.follow((frame) => frames.push(frame));
      const begin = history.seq;
      const expected: Map<string, readonly (number | null)[]>[] = [];
      const pass = (seconds: number) => {
        for (let passed = 0; passed < seconds; passed++) {
          timers.advance(1);
          expected.push(model.take());
        }
      };
      for (const step of all) {
        timers.clock.advance(0.001);
        if ("seconds" in step) pass(step.seconds);
        else if ("removed" in step) {
          families[step.kind].remove({ key: step.removed });
          model.remove(step.kind, step.removed);
        } else {
          record(step.kind, step.key, step.value);
          model.record(step.kind, step.key, step.value);
        }
      }
      pass(12);
      assert.deepEqual(
        frames.map(({ changes }) => sorted(byName(changes, nameOf))),
        expected.map(sorted),
      );
      // Frames that a client has missed are the same ones.
      const missed = history.after(begin + 5);
      assert.deepEqual(missed.gaps, []);
      assert.deepEqual(
        missed.frames.map((
          { seq, changes },
        ) => [seq, sorted(byName(changes, nameOf))]),
        frames.filter(({ seq, changes }) => seq > begin + 5 && changes.size > 0)
          .map(({ seq, changes }) => [seq, sorted(byName(changes, nameOf))]),
      );
      const columns = Math.min(expected.length - 1, 300);
      checkHistory(
        history.query(history.families.keys(), columns),
        1,
        expected,
      );
      checkHistory(history.query(history.families.keys(), 3600), 10, expected);

      function checkHistory(
        answer: History,
        step: number,
        expected: readonly ReadonlyMap<string, readonly (number | null)[]>[],
      ): void {
        assert.equal(answer.step, step);
        assert.equal(answer.seq, history.seq);
        const found = new Map<string, readonly (number | null)[]>();
        for (const { id, series } of answer.families) {
          for (const { id: one, d } of series) {
            for (const [column, ...numbers] of d) {
              const name = nameOf(id, [one, 0]);
              const at = `${column} ${name}${
                numbers[0] === null ? " gone" : ""
              }`;
              found.set(at, numbers);
            }
          }
        }
        const wanted = new Map<string, readonly (number | null)[]>();
        const first = answer.seq - expected.length;
        const start = answer.seq -
          (step === 1
            ? answer.columns
            : 10 * answer.columns - gapOf(answer.seq));
        const names = new Set(
          expected.flatMap((changes) => [...changes.keys()]),
        );
        for (const name of names) {
          const [kind] = name.split(" ") as [Kind];
          for (let column = 0; column < answer.columns; column++) {
            const ticks: (readonly (number | null)[])[] = [];
            let isGone = false;
            for (
              let tick = start + column * step;
              tick < start + (column + 1) * step;
              tick++
            ) {
              const change = expected[tick - first]?.get(name);
              if (change === undefined) continue;
              if (ticks.length === 0 && kind === "g" && step === 10) {
                const before = levelBefore(name, tick - first);
                const isFirst = tick === start + column * step;
                if (before !== null && !isFirst) ticks.push([before]);
              }
              isGone = change[0] === null;
              if (!isGone) ticks.push(change);
            }
            const at = `${column} ${name}`;
            if (ticks.length > 0) {
              wanted.set(
                at,
                step === 1 ? ticks[0]! : mergedColumns(ticks, kind),
              );
            }
            if (isGone) wanted.set(`${at} gone`, [null]);
          }
        }
        assert.deepEqual(sorted(found), sorted(wanted));
      }

      function levelBefore(name: string, tick: number): number | null {
        for (let at = tick - 1; at >= 0; at--) {
          const change = expected[at]!.get(name);
          if (change !== undefined) return change[0]!;
        }
        return null;
      }

      function gapOf(seq: number): number {
        return 10 * Math.ceil(seq / 10) - seq;
      }
    }),
    { numRuns: 250 },
  );
});
