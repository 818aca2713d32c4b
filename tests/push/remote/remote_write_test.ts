/** Remote write: ends of series, exemplars, errors and options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { remoteWrite } from "../../../src/push/mod.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { confirming, setUp, statsOf, storing, valuesOf } from "./set_up.ts";

const timeout = 120_000;

test("series end in the receiver: removed ones at once, all at the shutdown", {
  timeout,
}, async () => {
  const world = setUp();
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  world.registry.histogram({ name: "h", help: "H.", buckets: [], native: true })
    .observe(1);
  gauge.with({ n: 1 }).set(1);
  gauge.with({ n: 2 }).set(2);
  await world.pusher.push();
  gauge.remove({ n: "1" });
  await world.pusher.push();
  assert.deepEqual(valuesOf(world.sent[2]!), {
    'a{n="1"}': "stale",
    'a{n="2"}': 2,
  });
  gauge.with({ n: 1 }).set(5);
  gauge.remove({ n: "2" });
  world.sent.length = 0;
  assert.equal(await world.pusher.shutdown(), true);
  assert.deepEqual(world.sent.map(valuesOf), [
    { 'a{n="1"}': 5, 'a{n="2"}': "stale" },
    { h: 1 },
    { 'a{n="1"}': "stale" },
    { h: "stale" },
  ]);
  const [last, , marker] = world.sent;
  assert.ok(marker!.time > last!.time);
  assert.ok(marker!.time <= world.timers.clock.unix() * 1000 + 1000);
  assert.deepEqual(world.timers.waits, []);
});

test("without staleMarkers no series is ended", { timeout }, async () => {
  const world = setUp({ staleMarkers: false });
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  gauge.with({ n: 1 }).set(1);
  gauge.with({ n: 2 }).set(2);
  await world.pusher.push();
  gauge.remove({ n: "1" });
  await world.pusher.shutdown();
  assert.deepEqual(world.sent.map(valuesOf), [
    { 'a{n="1"}': 1, 'a{n="2"}': 2 },
    { 'a{n="2"}': 2 },
  ]);
});

test("a marker in a lost push is in the next one", { timeout }, async () => {
  let isDown = false;
  const world = setUp(
    {},
    (sent) => isDown ? new Response(null, { status: 503 }) : storing(sent),
  );
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  gauge.with({ n: 1 }).set(1);
  gauge.with({ n: 2 }).set(2);
  await world.pusher.push();
  gauge.remove({ n: "1" });
  isDown = true;
  const lost = world.pusher.push();
  await world.timers.pass(250);
  assert.equal(await lost, false);
  isDown = false;
  assert.equal(await world.pusher.push(), true);
  assert.equal(valuesOf(world.sent.at(-1)!)['a{n="1"}'], "stale");
  assert.equal(await world.pusher.push(), true);
  assert.deepEqual(valuesOf(world.sent.at(-1)!), { 'a{n="2"}': 2 });
});

test("exemplars are sent until they are accepted, and then no more", {
  timeout,
}, async () => {
  let isDown = true;
  const world = setUp(
    { interval: 15 },
    (sent) => isDown ? new Response(null, { status: 503 }) : storing(sent),
  );
  const counter = world.registry.counter({ name: "a_total", help: "A." });
  counter.inc(1, { trace_id: "one" });
  await world.timers.pass(31);
  isDown = false;
  await world.timers.pass(29);
  const seen = world.sent.filter(({ headers }) =>
    headers.get("retry-attempt") === null
  ).map(({ series }) => series[0]!.exemplars.length);
  assert.deepEqual(seen.slice(0, 1), [1]);
  assert.equal(world.sent.at(-1)!.series[0]!.exemplars.length, 0);
  const first = world.sent.findLast(({ time }) => time === world.sent[0]!.time);
  assert.equal(first!.series[0]!.exemplars.length, 1);
});

test("a request that is sent again has one exemplar of each series", {
  timeout,
}, async () => {
  const world = setUp(
    {},
    (sent, nth) =>
      nth === 1 ? new Response(null, { status: 503 }) : storing(sent),
  );
  const native = world.registry.histogram({
    name: "h",
    help: "H.",
    buckets: [],
    native: true,
  });
  for (let n = 1; n <= 3; n++) {
    native.observe(10 ** n, 1, { trace_id: `${n}` });
    world.timers.clock.advance(10);
  }
  const pushed = world.pusher.push();
  await world.timers.pass(5);
  assert.equal(await pushed, true);
  const exemplars = world.sent.map(({ series }) =>
    series[0]!.exemplars.map(({ labels }) => labels["trace_id"])
  );
  assert.deepEqual(exemplars, [["1", "2", "3"], ["3"]]);
});

test("a receiver that refuses only exemplars has accepted the push", {
  timeout,
}, async () => {
  const world = setUp({}, () => confirming(1, 0, 400, "bad exemplar"));
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  assert.equal(await world.pusher.push(), true);
  assert.deepEqual(statsOf(world), [[0, 1, 0, 0], [0, 1, 0, 0]]);
  assert.deepEqual(world.errors, ["the receiver answered 400: bad exemplar"]);
});

test("an empty registry pushes nothing", { timeout }, async () => {
  const world = setUp();
  assert.equal(await world.pusher.push(), true);
  assert.equal(await world.pusher.shutdown(), true);
  assert.equal(world.sent.length, 0);
});

test("errors name neither credentials nor the query", { timeout }, async () => {
  const registry = createRegistry({ clock: new FakeClock() });
  const errors: string[] = [];
  await using pusher = remoteWrite(registry, {
    url: "http://127.0.0.1:1/api/v1/write?token=secret",
    job: "shop",
    headers: { authorization: "Bearer secret" },
    signals: false,
    onError: ({ message }) => void errors.push(message),
  });
  assert.equal(await pusher.push(AbortSignal.timeout(500)), false);
  await pusher.shutdown(0.05);
  assert.ok(errors.length > 0);
  assert.doesNotMatch(errors.join(), /secret/);
});

test("wrong options are errors that say what to type", () => {
  const registry = createRegistry();
  const url = "http://localhost:9090/api/v1/write";
  const cases: [object, RegExp][] = [
    [{ job: "a" }, /url|empty/],
    [{ url }, /job is missing; give the name of the service/],
    [{ url, job: "a", instance: "" }, /instance is empty/],
    [{ url, job: "a", version: "3" }, /version is "3"; give "auto" or "2\.0"/],
    [{ url, job: "a", batch: 0 }, /batch is 0/],
    [{ url, job: "a", labels: { job: "b" } }, /give the option job instead/],
    [{ url, job: "a", labels: { "a.b": "b" } }, /letters, digits/],
    [{ url, job: "a", labels: { __name__: "b" } }, /begin with "__"/],
    [{ url, job: "a", labels: { zone: 1 } }, /"zone" is of type number/],
    [{ url, job: "a", histograms: "all" }, /histograms is "all"/],
    [{ url, job: "a", headers: { "a b": "c" } }, /header "a b" cannot be sent/],
    [{ url, job: "a", intervall: 1 }, /intervall/],
    [{ url: "http://a:b@c/", job: "a" }, /password/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => remoteWrite(registry, options as never), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(
        error.message,
        /^Cannot (?:push to ".*"|write to a remote receiver): /,
      );
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(
    () => remoteWrite({ url, job: "a" } as never, {} as never),
    /the first argument must be a registry/,
  );
});
