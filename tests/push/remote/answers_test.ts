/** Remote write: answers of receivers, retries, times and the size of requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  confirming,
  countsOf,
  setUp,
  statsOf,
  storing,
  valuesOf,
} from "./set_up.ts";

const timeout = 120_000;

test("a refused request is not sent again; its words are reported", {
  timeout,
}, async () => {
  for (const version of ["2.0", "1.0"] as const) {
    for (const status of [400, 401, 404, 422]) {
      const world = setUp(
        { version },
        () => new Response("out of order\n sample", { status }),
      );
      world.registry.gauge({ name: "a", help: "A." }).set(1);
      assert.equal(await world.pusher.push(), false);
      await world.timers.pass(600);
      assert.equal(world.sent.length, 1);
      assert.deepEqual(world.errors, [
        `the receiver answered ${status}: out of order sample`,
      ]);
      assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 0, 0, 1]]);
    }
  }
});

test(
  "a receiver without native histograms gets them once, and is named the cure",
  {
    timeout,
  },
  async () => {
    const words = "native histograms are disabled";
    const world = setUp(
      {},
      (sent) =>
        countsOf(sent)[1] > 0
          ? new Response(words, { status: 500 })
          : storing(sent),
    );
    const { registry, pusher, sent, errors } = world;
    registry.gauge({ name: "a", help: "A." }).set(1);
    registry.histogram({ name: "b", help: "B.", native: true }).observe(1);
    assert.equal(await pusher.push(), false);
    assert.deepEqual(sent.map(countsOf), [[1, 0], [0, 1]]);
    assert.deepEqual(errors, [
      `the receiver answered 500: ${words}; give { histograms: "classic" }`,
    ]);
    assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 1, 0, 1]]);
  },
);

test("parts of a push that fail alike are reported once", {
  timeout,
}, async () => {
  const { registry, pusher, sent, errors } = setUp(
    {},
    () => new Response("not here", { status: 404 }),
  );
  registry.gauge({ name: "a", help: "A." }).set(1);
  registry.histogram({ name: "b", help: "B.", native: true }).observe(1);
  assert.equal(await pusher.push(), false);
  assert.equal(sent.length, 2);
  assert.deepEqual(errors, ["the receiver answered 404: not here"]);
});

test("a partial write counts exactly what the headers say", {
  timeout,
}, async () => {
  for (const status of [400, 204]) {
    const world = setUp({}, () => confirming(3, 0, status));
    const gauge = world.registry.gauge({
      name: "a",
      help: "A.",
      labels: ["n"],
    });
    for (let n = 0; n < 5; n++) gauge.with({ n }).set(n);
    const isAccepted = status === 204;
    assert.equal(await world.pusher.push(), isAccepted);
    assert.deepEqual(statsOf(world), [
      isAccepted ? [0, 1, 0, 0] : [0, 0, 0, 1],
      [0, 3, 0, 2],
    ]);
    assert.deepEqual(world.errors, [
      isAccepted
        ? "the receiver has stored only 3 of 5 samples"
        : "the receiver answered 400",
    ]);
  }
  // Headers of a liar are bounded.
  for (const count of [99, -1, NaN, 1e300]) {
    const world = setUp({}, () => confirming(count, count));
    world.registry.gauge({ name: "a", help: "A." }).set(1);
    await world.pusher.push();
    const { exported, rejected } = world.pusher.stats().points;
    assert.equal(exported + rejected, 1);
    assert.equal(exported, count === 99 ? 1 : 0);
  }
});

test("a failed push is repeated as it was, before newer ones", {
  timeout,
}, async () => {
  const statuses = [500, 429, 503];
  const world = setUp(
    { interval: 15 },
    (sent, nth) =>
      nth <= statuses.length
        ? new Response("busy", { status: statuses[nth - 1]! })
        : storing(sent),
  );
  const counter = world.registry.counter({ name: "a_total", help: "A." });
  counter.inc();
  await world.timers.pass(15);
  counter.inc();
  await world.timers.pass(14.9);
  const attempts = world.sent.map(({ headers }) =>
    headers.get("retry-attempt")
  );
  assert.deepEqual(attempts, [null, "1", "2", "3"]);
  assert.equal(new Set(world.sent.map(({ time }) => time)).size, 1);
  for (const sent of world.sent) {
    assert.deepEqual(valuesOf(sent), { a_total: 1 });
  }
  await world.timers.pass(1);
  assert.deepEqual(valuesOf(world.sent.at(-1)!), { a_total: 2 });
  assert.equal(world.sent.at(-1)!.headers.get("retry-attempt"), null);
  assert.deepEqual(statsOf(world), [[0, 2, 0, 0], [0, 2, 0, 0]]);
  assert.deepEqual(
    world.errors,
    statuses.map((status) => `the receiver answered ${status}: busy`),
  );
});

test("Retry-After is honoured", { timeout }, async () => {
  const world = setUp(
    {},
    (sent, nth) =>
      nth === 1
        ? new Response(null, { status: 503, headers: { "retry-after": "17" } })
        : storing(sent),
  );
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  const pushed = world.pusher.push();
  await world.timers.pass(16.9);
  assert.equal(world.sent.length, 1);
  await world.timers.pass(0.2);
  assert.equal(world.sent.length, 2);
  assert.equal(await pushed, true);
});

test("a push is lost once its next try would come after five minutes", {
  timeout,
}, async () => {
  const headers = { "retry-after": "160" };
  const world = setUp({}, () => new Response(null, { status: 503, headers }));
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  const pushed = world.pusher.push();
  await world.timers.pass(161);
  assert.equal(await pushed, false);
  assert.equal(world.sent.length, 2);
  assert.deepEqual(statsOf(world), [[0, 0, 1, 0], [0, 0, 1, 0]]);
});

test("a refused request does not lose the other ones of its push", {
  timeout,
}, async () => {
  const world = setUp(
    { batch: 2 },
    (sent, nth) =>
      nth === 2 ? new Response("bad", { status: 400 }) : storing(sent),
  );
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  for (let n = 0; n < 5; n++) gauge.with({ n }).set(n);
  assert.equal(await world.pusher.push(), false);
  assert.equal(world.sent.length, 3);
  assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 3, 0, 2]]);
});

test("a push that always fails is lost after ten tries", {
  timeout,
}, async () => {
  const world = setUp({}, () => new Response(null, { status: 500 }));
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  const pushed = world.pusher.push();
  await world.timers.pass(600);
  assert.equal(await pushed, false);
  assert.equal(world.sent.length, 10);
  assert.deepEqual(statsOf(world), [[0, 0, 1, 0], [0, 0, 1, 0]]);
  assert.deepEqual(world.timers.waits, []);
});

test("the parts of a push have one time, which rises strictly", {
  timeout,
}, async () => {
  const world = setUp({ batch: 2 });
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  for (let n = 0; n < 5; n++) gauge.with({ n }).set(n);
  const now = world.timers.clock.unix() * 1000;
  await world.pusher.push();
  await world.pusher.push();
  assert.deepEqual(
    world.sent.map(({ time, series }) => [time - now, series.length]),
    [[0, 2], [0, 2], [0, 1], [1, 2], [1, 2], [1, 1]],
  );
  world.timers.clock.advance(0.5);
  await world.pusher.push();
  assert.equal(world.sent.at(-1)!.time, now + 500);
});

test("a clock that goes back never yields samples out of order or ahead", {
  timeout,
}, async () => {
  let now = 1_700_000_000;
  const clock = { unix: () => now, mono: () => 0 };
  const world = setUp({ clock });
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  const moments: [number, boolean][] = [
    [0, true],
    [-0.5, true], // less than a second back
    [-3600, false],
    [-1, false],
    [NaN, false],
    [0, true],
    [0.001, true],
    [10, true],
  ];
  for (const [moment, isPushed] of moments) {
    now = 1_700_000_000 + moment;
    assert.equal(await world.pusher.push(), isPushed, `at ${moment}`);
    if (!isPushed) continue;
    assert.ok(world.sent.at(-1)!.time <= now * 1000 + 1000);
  }
  const times = world.sent.map(({ time }) => time);
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
  assert.equal(times.at(-1), now * 1000);
  assert.match(
    world.errors[0]!,
    /^the clock went back by 3600\.00\d seconds, .* the push is left out$/,
  );
  const { points, ...pushes } = world.pusher.stats();
  assert.deepEqual([pushes.exported, pushes.rejected], [5, 3]);
  assert.equal(points.exported, 5);
});

test("a clock that goes back to times that were refused does not pause", {
  timeout,
}, async () => {
  const truth = 1_700_000_000;
  let now = truth + 3600;
  const clock = { unix: () => now, mono: () => 0 };
  const world = setUp(
    { clock },
    (sent) =>
      sent.time > (truth + 600) * 1000
        ? new Response("too far in the future", { status: 400 })
        : storing(sent),
  );
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  assert.equal(await world.pusher.push(), false);
  now = truth;
  assert.equal(await world.pusher.push(), true);
  now = truth - 60;
  assert.equal(await world.pusher.push(), false);
  assert.match(world.errors.join(), /the clock went back by 60 seconds/);
  const times = world.sent.map(({ time }) => time / 1000 - truth);
  assert.deepEqual(times, [3600, 0]);
});

test("native histograms have requests of their own, which may be refused", {
  timeout,
}, async () => {
  const world = setUp(
    {},
    (sent) =>
      countsOf(sent)[1] > 0
        ? new Response("native histograms are disabled", { status: 400 })
        : storing(sent),
  );
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  world.registry.histogram({ name: "h", help: "H.", buckets: [], native: true })
    .observe(1);
  world.registry.gauge({ name: "z", help: "Z." }).set(2);
  assert.equal(await world.pusher.push(), false);
  assert.deepEqual(world.sent.map(countsOf), [[2, 0], [0, 1]]);
  assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 2, 0, 1]]);
  assert.deepEqual(world.errors, [
    "the receiver answered 400: native histograms are disabled",
  ]);
});

test("a receiver that answers 413 gets smaller requests from then on", {
  timeout,
}, async () => {
  const world = setUp(
    {},
    (sent) =>
      sent.series.length > 400
        ? new Response(null, { status: 413 })
        : storing(sent),
  );
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  for (let n = 0; n < 1000; n++) gauge.with({ n }).set(n);
  assert.equal(await world.pusher.push(), true);
  const sizes = () => world.sent.map(({ series }) => series.length);
  assert.deepEqual(sizes(), [1000, 500, 250, 250, 250, 250]);
  assert.deepEqual(statsOf(world), [[0, 1, 0, 0], [0, 1000, 0, 0]]);
  world.sent.length = 0;
  await world.pusher.push();
  assert.deepEqual(sizes(), [250, 250, 250, 250]);
  assert.deepEqual(world.errors, []);
});

test("a receiver that always answers 413 gets few requests", {
  timeout,
}, async () => {
  const world = setUp({}, () => new Response(null, { status: 413 }));
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  for (let n = 0; n < 300; n++) gauge.with({ n }).set(n);
  assert.equal(await world.pusher.push(), false);
  assert.deepEqual(
    world.sent.map(({ series }) => series.length),
    [300, 150, 100, 100, 100],
  );
  assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 0, 0, 300]]);
});

test("older pushes that wait are lost once a newer one was accepted", {
  timeout,
}, async () => {
  let isDown = true;
  const world = setUp(
    { interval: 15 },
    (sent) =>
      isDown
        ? new Response(null, { status: 503 })
        : sent.series.length > 150
        ? new Response(null, { status: 413 })
        : storing(sent),
  );
  const gauge = world.registry.gauge({ name: "a", help: "A.", labels: ["n"] });
  for (let n = 0; n < 200; n++) gauge.with({ n }).set(n);
  await world.timers.pass(31);
  assert.equal(world.pusher.stats().queued, 2);
  isDown = false;
  await world.timers.pass(60);
  // The first push was read anew, after the second and the third.
  const accepted = world.sent.filter(({ series }) => series.length <= 150);
  const times = accepted.map(({ time }) => time);
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  assert.ok(world.errors.includes("a newer push was accepted before"));
  const { points, lost } = world.pusher.stats();
  assert.equal(lost, 2);
  assert.equal(points.lost, 400);
  assert.equal(points.rejected, 0);
});
