/** The seam of targets: when pushes are collected, joined, replaced and retried. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/model/mod.ts";
import type { RequestOutcome } from "../../src/push/push_target.ts";
import { ACCEPTED, countsOf, DOWN, setUp } from "./pusher_set_up.ts";

const timeout = 120_000;

test("push() sends the state of the moment, and resolves to true", {
  timeout,
}, async () => {
  const world = setUp();
  world.counter.inc(3);
  assert.equal(await world.pusher.push(), true);
  world.counter.inc();
  assert.equal(await world.pusher.push(), true);
  assert.deepEqual(world.values(), [3, 4]);
  assert.deepEqual(countsOf(world), [[0, 2, 0, 0], [0, 2, 0, 0]]);
  assert.equal(await world.pusher.shutdown(), true);
  assert.deepEqual(world.timers.waits, []);
  assert.equal(await world.pusher.push(), false);
  assert.deepEqual(countsOf(world), [[0, 3, 1, 0], [0, 3, 0, 0]]);
});

test("pushes by interval go on while nobody waits, and hold nothing", {
  timeout,
}, async () => {
  const { pusher, timers, counter, values } = setUp(undefined, {
    interval: 15,
  });
  await timers.pass(14);
  assert.deepEqual(values(), []);
  for (let n = 0; n < 3; n++) {
    counter.inc();
    await timers.pass(15);
  }
  assert.deepEqual(values(), [1, 2, 3]);
  assert.equal(timers.holds, false);
  await pusher.shutdown();
  assert.deepEqual(values(), [1, 2, 3, 3]);
  assert.deepEqual(timers.waits, []);
});

test("a push is joined until it is collected", { timeout }, async () => {
  const { promise, resolve } = Promise.withResolvers<RequestOutcome>();
  const world = setUp((_value, nth) => nth === 1 ? promise : ACCEPTED);
  const { pusher, counter, timers, values } = world;
  const first = pusher.push();
  const joined = pusher.push();
  await new Promise((resolve) => setTimeout(resolve, 0));
  counter.inc();
  const second = pusher.push();
  const third = pusher.push();
  await new Promise((resolve) => setTimeout(resolve, 0));
  counter.inc();
  assert.deepEqual(values(), [0]);
  resolve(ACCEPTED);
  assert.deepEqual(
    await Promise.all([first, joined, second, third]),
    [true, true, true, true],
  );
  assert.deepEqual(
    values(),
    [0, 2],
    "the second was collected after the first",
  );
  assert.deepEqual(countsOf(world), [[0, 2, 0, 0], [0, 2, 0, 0]]);
  await timers.rest();
});

test("a newer push replaces one that waits for a retry", {
  timeout,
}, async () => {
  let isDown = true;
  const world = setUp(() => isDown ? DOWN : ACCEPTED);
  const { pusher, counter, timers, values, errors } = world;
  const first = pusher.push();
  await timers.rest();
  assert.deepEqual(countsOf(world), [[1, 0, 0, 0], [1, 0, 0, 0]]);
  counter.inc();
  isDown = false;
  assert.equal(await pusher.push(), true);
  assert.equal(await first, false);
  assert.deepEqual(values(), [0, 1]);
  assert.deepEqual(errors, ["down"]);
  assert.deepEqual(countsOf(world), [[0, 1, 1, 0], [0, 1, 1, 0]]);
});

test("a queue keeps the pushes of the moments, in order", {
  timeout,
}, async () => {
  let isDown = true;
  const world = setUp(() => isDown ? DOWN : ACCEPTED, { capacity: 3 });
  const { pusher, counter, timers, sent } = world;
  const pushes: Promise<boolean>[] = [];
  for (let n = 0; n < 5; n++) {
    pushes.push(pusher.push());
    await timers.pass(1);
    counter.inc();
  }
  assert.deepEqual(countsOf(world), [[3, 0, 2, 0], [3, 0, 2, 0]]);
  isDown = false;
  sent.length = 0;
  await timers.pass(30);
  assert.deepEqual(await Promise.all(pushes), [false, false, true, true, true]);
  assert.deepEqual(sent.map(({ value }) => value), [2, 3, 4]);
  const times = sent.map(({ time }) => time);
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
  assert.deepEqual(countsOf(world), [[0, 3, 2, 0], [0, 3, 2, 0]]);
});

test("a push ends after its last try, or when it is too old", {
  timeout,
}, async () => {
  const tries = setUp(() => DOWN, { capacity: 3, maxTries: 3 });
  const ended = tries.pusher.push();
  await tries.timers.pass(60);
  assert.equal(await ended, false);
  assert.equal(tries.sent.length, 3);
  assert.equal(tries.pusher.stats().retries, 2);
  assert.deepEqual(countsOf(tries), [[0, 0, 1, 0], [0, 0, 1, 0]]);

  const age = setUp(() => DOWN, { maxAge: 20 });
  const old = age.pusher.push();
  await age.timers.pass(60);
  assert.equal(await old, false);
  assert.deepEqual(countsOf(age), [[0, 0, 1, 0], [0, 0, 1, 0]]);
  assert.match(age.errors.at(-1)!, /down|older than 20 seconds/);
  assert.deepEqual(age.timers.waits, []);
});

test("a push of several requests goes on where it has failed", {
  timeout,
}, async () => {
  const answers: RequestOutcome[] = [
    ACCEPTED,
    DOWN,
    { state: "refused", error: new Error("malformed") },
  ];
  const world = setUp((_value, nth) => answers[nth - 1] ?? ACCEPTED, {
    size: 3,
  });
  const pushed = world.pusher.push();
  await world.timers.pass(5);
  assert.equal(await pushed, false);
  assert.equal(world.sent.length, 4);
  assert.deepEqual(world.errors, ["down", "malformed"]);
  assert.deepEqual(countsOf(world), [[0, 0, 0, 1], [0, 2, 0, 1]]);
});

test("the error of a push has each message once, and few of them", {
  timeout,
}, async () => {
  const world = setUp((_value, nth) => ({
    state: "refused",
    error: new Error(nth <= 8 ? "no access" : `malformed ${nth}`),
  }), { size: 20 });
  assert.equal(await world.pusher.push(), false);
  assert.deepEqual(world.errors, [
    "no access; malformed 9; malformed 10; and 10 more",
  ]);
  assert.deepEqual(countsOf(world), [[0, 0, 0, 1], [0, 0, 0, 20]]);
});

test("each request of a push may take the whole timeout", {
  timeout,
}, async () => {
  const slow = setUp(
    () =>
      new Promise<RequestOutcome>((resolve) => {
        slow.timers.hung = 1;
        slow.timers.after(9, () => {
          slow.timers.hung = 0;
          resolve(ACCEPTED);
        });
      }),
    { size: 3 },
  );
  const pushed = slow.pusher.push();
  await slow.timers.pass(28);
  assert.equal(await pushed, true);
  assert.equal(slow.sent.length, 3);
  assert.deepEqual(slow.errors, []);
  assert.deepEqual(slow.timers.waits, []);
});

test("a receiver can ask for another form", { timeout }, async () => {
  const again: RequestOutcome = { state: "again", error: new Error("415") };
  const world = setUp((_value, nth) => nth < 3 ? again : ACCEPTED);
  assert.equal(await world.pusher.push(), true);
  assert.equal(world.sent.length, 3);
  assert.deepEqual(world.errors, []);
  assert.deepEqual(countsOf(world), [[0, 1, 0, 0], [0, 1, 0, 0]]);
  const endless = setUp(() => again);
  assert.equal(await endless.pusher.push(), false);
  assert.deepEqual(endless.errors, ["415"]);
  assert.deepEqual(countsOf(endless), [[0, 0, 0, 1], [0, 0, 0, 1]]);
});

test("a part that fails is left out and reported; the others go", {
  timeout,
}, async () => {
  const broken: Source = {
    descs: [{
      name: "b",
      type: "gauge",
      help: "B.",
      unit: "",
      labelNames: [],
      merge: "sum",
    }],
    collect() {
      throw new Error("out of order");
    },
  };
  const hangs: Source = {
    descs: [{ ...broken.descs[0]!, name: "c" }],
    refresh: () => new Promise(() => {}),
    collect: () => assert.fail("its values are out of date"),
  };
  const world = setUp(undefined, { sources: [broken, hangs] });
  world.timers.hung = 1; // the timer of the refresh, not of a request
  const pushed = world.pusher.push();
  assert.equal(world.timers.holds, true);
  await world.timers.pass(10);
  assert.equal(await pushed, true);
  assert.deepEqual(world.values(), [0]);
  assert.equal(world.errors.length, 2);
  assert.match(world.errors[0]!, /"c" is left out: refreshing takes longer/);
  assert.match(world.errors[1]!, /"b" is left out: out of order/);
});

test("shutdown() ends at its deadline, whatever hangs", {
  timeout,
}, async () => {
  const never = new Promise<RequestOutcome>(() => {});
  const world = setUp(() => never);
  world.timers.hung++;
  const pushed = world.pusher.push();
  const ended = world.pusher.shutdown(2);
  assert.equal(world.pusher.shutdown(), ended);
  await world.timers.pass(2);
  assert.equal(await ended, false);
  assert.equal(await pushed, false);
  assert.deepEqual(countsOf(world), [[0, 0, 1, 0], [0, 0, 1, 0]]);
});

test(
  "a part that hangs costs half of the time of the last push, not the push",
  {
    timeout,
  },
  async () => {
    const hangs: Source = {
      descs: [{
        name: "b",
        type: "gauge",
        help: "B.",
        unit: "",
        labelNames: [],
        merge: "sum",
      }],
      refresh: () => new Promise(() => {}),
      collect: () => assert.fail("its values are out of date"),
    };
    const world = setUp(undefined, { sources: [hangs] });
    world.timers.hung = 1; // the timer of the refresh, not of a request
    const ended = world.pusher.shutdown(5);
    await world.timers.pass(2.4);
    assert.deepEqual(world.values(), []);
    await world.timers.pass(0.2);
    assert.equal(await ended, true);
    assert.deepEqual(world.values(), [0]);
    assert.deepEqual(world.errors, [
      '"b" is left out: refreshing takes longer than 2.5 seconds',
    ]);
    assert.deepEqual(world.timers.waits, []);
  },
);

test("push() resolves to false when its signal aborts, and goes on", {
  timeout,
}, async () => {
  const world = setUp((_value, nth) => nth === 1 ? DOWN : ACCEPTED);
  const abort = new AbortController();
  const pushed = world.pusher.push(abort.signal);
  await world.timers.rest();
  assert.equal(world.timers.holds, true);
  abort.abort();
  assert.equal(await pushed, false);
  assert.equal(world.timers.holds, false, "nobody waits any more");
  await world.timers.pass(1);
  assert.deepEqual(countsOf(world), [[0, 1, 0, 0], [0, 1, 0, 0]]);
  assert.equal(await world.pusher.push(abort.signal), false);
  assert.equal(world.pusher.stats().exported, 1);
});

test("pushes of another job are not joined, and keep their order", {
  timeout,
}, async () => {
  for (const reads of [undefined, (job: string) => job !== "delete"]) {
    const world = setUp(undefined, { reads });
    const pushes = [world.pusher.push(), world.pusher.send("delete")];
    assert.deepEqual(await Promise.all(pushes), [true, true]);
    assert.deepEqual(world.sent.map(({ job }) => job), ["push", "delete"]);
  }
});

test("a job that does not read the source does not refresh it", {
  timeout,
}, async () => {
  let refreshes = 0;
  const counting: Source = {
    descs: [],
    refresh: async () => void await ++refreshes,
    collect: () => {},
  };
  const world = setUp(undefined, {
    sources: [counting],
    reads: (job) => job === "push",
  });
  await world.pusher.send("delete");
  assert.equal(refreshes, 0);
  await world.pusher.push();
  assert.equal(refreshes, 1);
});
