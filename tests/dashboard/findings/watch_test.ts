/** Findings of a real registry and its history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FindingsWatch } from "../../../src/dashboard/findings/watch.ts";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import type { Finding } from "../../../src/dashboard/protocol.ts";
import type { Clock } from "../../../src/base/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { familyDesc, Labels } from "../../../src/model/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";

type Published = readonly [topic: string, finding: Finding];

function worldOf(timers = new FakeTimers(), clock: Clock = timers.clock) {
  const registry = createRegistry({ clock });
  const history = keepHistory(registry, { clock, timers });
  const published: Published[] = [];
  const watch = new FindingsWatch({
    registry,
    history,
    clock,
    timers,
    causeOf: ({ rule }) => `because of ${rule}`,
    sourceError: (source, error) => `${source}: ${error.toUpperCase()}`,
    publish: (topic, finding) => void published.push([topic, finding]),
  });
  return {
    ...{ timers, clock, registry, history, watch, published },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      history[Symbol.dispose]();
    },
  };
}

/** A world with requests: `pass` lets some come in each second. */
function serving(semconv = false) {
  const all = worldOf();
  const options = semconv
    ? {
      name: "http_server_request_duration_seconds",
      labels: [
        "http_request_method",
        "http_route",
        "http_response_status_code",
        "error_type",
      ],
      native: true,
    }
    : {
      name: "http_request_duration_seconds",
      labels: ["method", "route", "status_class"],
    };
  const durations = all.registry.histogram({
    ...options,
    help: "Duration of requests.",
    unit: "seconds",
  } as never);
  // deno-lint-ignore no-explicit-any -- labels of either scheme
  const at = (values: string[]) => (durations as any).at(...values);
  return {
    ...all,
    pass(seconds: number, failed: (second: number) => boolean, took = 0.02) {
      for (let second = 0; second < seconds; second++) {
        for (let i = 0; i < 5; i++) {
          const isFailed = i === 0 && failed(second);
          const status = semconv
            ? isFailed ? ["503", "Error"] : ["200", ""]
            : [isFailed ? "5xx" : i === 1 ? "4xx" : "2xx"];
          at(["POST", "/orders", ...status]).observe(took);
        }
        all.timers.advance(1);
      }
    },
  };
}

for (const semconv of [false, true]) {
  const scheme = semconv ? "conventions" : "Prometheus";
  test(`FindingsWatch finds a failing route, names of ${scheme}`, () => {
    using world = serving(semconv);
    let changes = 0;
    world.watch.follow(() => changes++);
    world.pass(3600, () => false);
    assert.deepEqual(world.watch.now().all, []);
    assert.deepEqual(world.watch.now().judged, { routes: 1, rules: 6 });
    const begin = world.clock.unix();
    world.pass(300, () => true);
    const end = world.clock.unix();
    const [finding] = world.watch.now().all;
    assert.equal(finding?.id, "failing:POST /orders");
    assert.deepEqual(
      Object.values(finding.subject),
      ["POST", "/orders"],
    );
    assert.equal(finding.until, null);
    assert.equal(finding.cause, "because of failing");
    assert.ok(Math.abs(finding.since - begin) <= 5, `${finding.since - begin}`);
    assert.equal(finding.isSinceExact, true);
    assert.ok(finding.opened - begin <= 30, `${finding.opened - begin}`);
    assert.deepEqual([finding.window, finding.k, finding.n], [30, 30, 150]);
    world.pass(100, () => false);
    const [closed] = world.watch.now().all;
    assert.ok(Math.abs(closed!.until! - end) <= 5, `${closed!.until! - end}`);
    world.pass(600, () => false);
    assert.deepEqual(world.watch.now().all, []);
    assert.deepEqual(
      world.published.map(([topic, { id }]) => [topic, id]),
      [["finding.opened", finding.id], ["finding.closed", finding.id]],
    );
    assert.ok(changes >= 3);
  });
}

/** Returns the ids of all findings that are open. */
function open(watch: FindingsWatch): string[] {
  return watch.now().all.filter(({ until }) => until === null)
    .map(({ id }) => id);
}

test("FindingsWatch finds lost telemetry by the counters about it", () => {
  using world = worldOf();
  const totals: Record<string, number> = {};
  let isLosing = false;
  for (const items of ["spans", "logs", "points"]) {
    for (const what of ["exported", "lost", "rejected"]) {
      const name = `barograph_${items}_${what}_total`;
      world.registry.callbackCounter({
        name,
        help: "Items.",
        read: (report) => report(totals[name] ?? 0),
      });
    }
  }
  const count = (items: string, number: number) => {
    const what = !isLosing
      ? "exported"
      : items === "logs"
      ? "rejected"
      : "lost";
    const name = `barograph_${items}_${what}_total`;
    totals[name] = (totals[name] ?? 0) + number;
  };
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second += 10) {
      count("spans", 50);
      count("logs", 50);
      if (second % 60 === 0) count("points", 300);
      world.timers.advance(10);
    }
  };
  pass(600);
  assert.deepEqual(open(world.watch), []);
  isLosing = true;
  pass(300);
  assert.deepEqual(
    open(world.watch).sort(),
    ["loss:logs", "loss:points", "loss:spans"],
  );
});

test("FindingsWatch finds full families, and those that fill up", () => {
  using world = worldOf();
  const full = world.registry.counter({
    name: "searches_total",
    help: "Searches.",
    labels: ["term"],
    maxSeries: 20,
  });
  const filling = world.registry.gauge({
    name: "carts",
    help: "Carts.",
    labels: ["owner"],
    maxSeries: 100,
  });
  world.timers.advance(60);
  for (let i = 0; i < 30; i++) full.at(`${i}`).inc();
  for (let i = 0; i < 95; i++) filling.at(`${i}`).set(1);
  world.timers.advance(30);
  assert.deepEqual(
    open(world.watch),
    ["overflow:searches_total", "filling:carts"],
  );
  const [overflow, nearly] = world.watch.now().all;
  assert.ok(overflow!.k >= 10 && overflow!.k === overflow!.n);
  assert.deepEqual([nearly!.k, nearly!.n, nearly!.limit], [95, 100, 0.9]);
  assert.equal(overflow!.family, "searches_total");
});

test("FindingsWatch finds sources that fail, with the error to show", () => {
  using world = worldOf();
  let isDown = false;
  world.registry.callbackGauge({
    name: "disk_free_bytes",
    help: "Free bytes.",
    read: (report) => {
      if (isDown) throw new Error("no disk");
      report(1);
    },
  });
  world.timers.advance(60);
  isDown = true;
  world.timers.advance(15);
  assert.deepEqual(open(world.watch), []);
  world.timers.advance(20);
  const [finding] = world.watch.now().all;
  assert.equal(finding!.rule, "source");
  assert.match(finding!.cause, /: NO DISK$/);
  isDown = false;
  world.timers.advance(90);
  assert.deepEqual(open(world.watch), []);
});

test("FindingsWatch finds a late event loop", () => {
  using world = worldOf();
  const delays = world.registry.histogram({
    name: "nodejs_eventloop_delay_seconds",
    help: "Delays.",
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
  });
  const pass = (seconds: number, late: number) => {
    for (let second = 0; second < seconds; second++) {
      delays.observe(0.002);
      if (second % 2 === 0) delays.observe(late);
      world.timers.advance(1);
    }
  };
  pass(120, 0.002);
  assert.deepEqual(open(world.watch), []);
  pass(60, 0.2);
  assert.deepEqual(open(world.watch), ["loop"]);
  const [finding] = world.watch.now().all;
  assert.equal(finding!.family, "nodejs_eventloop_delay_seconds");
  assert.equal(finding!.above, 0.1);
});

test("FindingsWatch takes requests of other sources from the frames", () => {
  using world = worldOf();
  const desc = familyDesc({
    name: "http_request_duration_seconds",
    type: "histogram",
    help: "Durations.",
    labelNames: ["method", "route", "status_class"],
  });
  const counts = { "2xx": [0, 0], "5xx": [0, 0] };
  const bounds = Float64Array.of(0.1);
  world.registry.add({
    descs: [desc],
    collect(sink) {
      if (!sink.family(desc)) return;
      for (const [status, [fast, slow]] of Object.entries(counts)) {
        sink.histogram(new Labels(desc.labelNames, ["GET", "/a", status]), {
          bounds,
          counts: Float64Array.of(fast!, slow!),
          count: fast! + slow!,
          sum: fast!,
          exemplars: [],
          native: undefined,
        }, 0);
      }
    },
  });
  for (let second = 0; second < 900; second++) {
    counts["2xx"][0]! += 4;
    if (second > 700) counts["5xx"][0]! += 2;
    world.timers.advance(1);
  }
  assert.deepEqual(open(world.watch), ["failing:GET /a"]);
});

test("FindingsWatch follows a family that is declared again", () => {
  using world = worldOf();
  const declare = () =>
    world.registry.histogram({
      name: "http_request_duration_seconds",
      help: "Durations.",
      labels: ["method", "route", "status_class"],
    });
  let durations = declare();
  const pass = (seconds: number, status: string) => {
    for (let second = 0; second < seconds; second++) {
      durations.at("GET", "/a", status).observe(0.01);
      durations.at("GET", "/a", status).observe(0.01);
      world.timers.advance(1);
    }
  };
  pass(100, "2xx");
  world.registry.unregister("http_request_duration_seconds");
  world.timers.advance(20);
  durations = declare();
  pass(100, "5xx");
  assert.deepEqual(open(world.watch), ["failing:GET /a"]);
});

test("FindingsWatch stops with its disposal, and survives bad listeners", () => {
  const world = serving();
  let calls = 0;
  const followed = world.watch.follow(() => {
    calls++;
    throw new Error("a bad listener");
  });
  world.pass(60, () => true);
  assert.ok(calls > 0);
  assert.deepEqual(open(world.watch), ["failing:POST /orders"]);
  followed[Symbol.dispose]();
  const before = calls;
  world.pass(120, () => false);
  assert.equal(calls, before);
  world.watch[Symbol.dispose]();
  const published = world.published.length;
  world.pass(120, () => true);
  assert.equal(world.published.length, published);
  world.history[Symbol.dispose]();
  assert.equal(world.timers.pending, 0);
});

test("FindingsWatch moves its times with the system clock", () => {
  let jump = 0;
  const timers = new FakeTimers();
  const clock = {
    mono: () => timers.clock.mono(),
    unix: () => timers.clock.unix() + jump,
  };
  using world = worldOf(timers, clock);
  const durations = world.registry.histogram({
    name: "http_request_duration_seconds",
    help: "Durations.",
    labels: ["method", "route", "status_class"],
  });
  const sinceAfter = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      durations.at("GET", "/a", "5xx").observe(0.01);
      timers.advance(1);
    }
    return world.watch.now().all[0]!.since;
  };
  const since = sinceAfter(60);
  jump = 0.5; // the clocks drift
  assert.equal(sinceAfter(30), since);
  jump = 100;
  assert.equal(sinceAfter(30), since + 100);
});
