import assert from "node:assert/strict";
import { test } from "node:test";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import {
  familyDesc,
  Labels,
  type Sink,
  type Source,
} from "../../../src/model/mod.ts";
import { trustSource } from "../../../src/model/internal.ts";
import { setUp } from "./fixtures.ts";

test("a source that fails is absent; its failures are known here alone", () => {
  const { registry, timers, start } = setUp();
  let isFailing = false;
  const read = (report: (value: number) => void) => {
    if (isFailing) throw new Error("no disk");
    report(1);
  };
  registry.callbackGauge({ name: "disk", help: "X.", read });
  using history = start();
  timers.advance(10);
  isFailing = true;
  timers.advance(20);
  const failed = { name: "disk", ok: false, failures: 2, inARow: 2 };
  assert.deepEqual(history.sources(), [{ ...failed, error: "no disk" }]);
  isFailing = false;
  timers.advance(10);
  assert.deepEqual(history.sources(), [
    { ...failed, ok: true, inARow: 0, error: "no disk" },
  ]);
  const { id } = history.family("disk")!;
  assert.deepEqual(history.query([id], 50).families[0]!.series[0]!.d, [
    [0, 1, 1, 1],
    [2, null],
    [4, 1, 1, 1],
  ]);
  const failures = history.family("barograph_source_failures_total")!;
  assert.equal(failures.series, 0);
});

test("a refresh that is late or fails is a failure of its source", async () => {
  const { registry, timers, start } = setUp();
  const results = [
    () => Promise.resolve(),
    () => Promise.reject(new Error("refused")),
    () => new Promise<void>(() => {}),
    () => Promise.resolve(),
  ];
  registry.callbackGauge({
    name: "remote",
    help: "X.",
    refresh(report) {
      report(results.length);
      return results.shift()!();
    },
  });
  using history = start();
  const states: string[] = [];
  for (let second = 0; second < 45; second++) {
    timers.advance(1);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    if (second % 10 !== 9) continue;
    const [state] = history.sources();
    states.push(state === undefined ? "" : `${state.inARow} ${state.error}`);
  }
  assert.deepEqual(states.slice(0, 2), ["0 ", "1 refused"]);
  // Of the one that hangs nothing is said before it is late.
  assert.equal(states[2], "1 refused");
  assert.match(states[3]!, /^0 .*took longer than 8 s/);
  assert.equal(history.sources()[0]!.failures, 2);
});

test("sources, nested registries, scopes and odd names are all read", () => {
  const { registry, timers, clock, start } = setUp();
  const nested = createRegistry({ clock });
  nested.counter({ name: "nested_total", help: "X." }).inc();
  const scope = registry.scope({
    prefix: "shop_",
    labels: { region: "eu" },
    names: "utf-8",
  });
  scope.gauge({ name: "cart.size", help: "X.", labels: ["kind"] })
    .with({ kind: "a" }).set(2);
  registry.stateSet({ name: "state", help: "X.", states: ["on", "off"] })
    .set("on");
  registry.info({ name: "build_info", help: "X.", labels: ["v"] }).set({
    v: "1",
  });
  const desc = familyDesc({ name: "own", type: "gauge", help: "X." });
  const own: Source = {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.number(Labels.NONE, 7, 0);
    },
  };
  using history = start();
  using _added = registry.add(own);
  using _nested = registry.add(nested);
  timers.advance(10);
  const seen = new Map(
    [...history.families.values()].map(({ id, name }) => [
      name,
      history.names([id]).s.map(({ values }) => values),
    ]),
  );
  assert.deepEqual(seen.get("nested_total"), [[]]);
  assert.deepEqual(seen.get("shop_cart.size"), [["eu", "a"]]);
  assert.deepEqual(seen.get("state"), [["on"], ["off"]]);
  assert.deepEqual(seen.get("build_info"), [["1"]]);
  assert.deepEqual(seen.get("own"), [[]]);
  assert.equal(history.family("own")!.every, 10);
  assert.equal(history.family("nested_total")!.every, undefined);
});

test("a family that is declared anew with other buckets is another family", () => {
  const { registry, timers, start } = setUp();
  const declare = (buckets: readonly number[]) =>
    registry.histogram({ name: "h", help: "X.", buckets });
  declare([1, 2]).observe(1);
  using history = start();
  timers.advance(10);
  const first = history.family("h")!;
  registry.unregister("h");
  declare([5]).observe(7);
  timers.advance(10);
  const second = history.family("h")!;
  assert.notEqual(second.id, first.id);
  assert.deepEqual([first.bounds, second.bounds], [[1, 2], [5]]);
  assert.equal(history.families.get(first.id)!.series, 0);
});

test("rows of kinds with any number of points are read by their labels", () => {
  const { timers, clock } = setUp();
  /** Each row has as many points as its number says. */
  const cells = new Float64Array([1, 2]);
  const desc = familyDesc({
    name: "points",
    type: "gauge",
    help: "X.",
    labelNames: ["row", "point"],
  });
  const rows = {
    desc,
    width: 1,
    length: 2,
    cells,
    changes: { numbers: new Uint32Array(1), versions: new Uint32Array(1) },
    open() {},
    emit(from: number, to: number, sink: Sink) {
      for (let row = from; row < to; row++) {
        for (let point = cells[row]!; point > 0; point--) {
          const labels = new Labels(desc.labelNames, [`${row}`, `${point}`]);
          sink.number(labels, point, 0);
        }
      }
    },
  };
  const source = trustSource({ descs: [desc], rows, collect() {} });
  using history = keepHistory(source, { clock, timers });
  using _look = history.look();
  timers.advance(1);
  const seen = (): string[] =>
    history.names([1]).s.map(({ values }) => values.join()).sort();
  assert.deepEqual(seen(), ["0,1", "1,1", "1,2"]);
  for (const numbers of [[2, 2], [3, 1], [1, 1], [0, 1], [1, 0], [2, 3]]) {
    cells.set(numbers);
    timers.advance(1);
    const expected = numbers.flatMap((points, row) =>
      Array.from({ length: points }, (_, at) => `${row},${at + 1}`)
    );
    assert.deepEqual(seen(), expected);
  }
});
