import assert from "node:assert/strict";
import { test } from "node:test";
import { type Registry, stopwatch } from "../../src/metrics/mod.ts";
import { setUp, turn, WindingClock } from "./fixtures.ts";

function latency(registry: Registry) {
  return registry.histogram({
    name: "latency_seconds",
    help: "Latency.",
    unit: "seconds",
    buckets: [1, 10],
  });
}

const failure = new Error("failed");

test("Timer.stop() records the seconds since the start, and returns them", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const timer = duration.startTimer();
  clock.advance(2.5);
  assert.equal(timer.stop(), 2.5);
  assert.equal(duration.count, 1);
  assert.equal(duration.sum, 2.5);
});

test("Timer.stop() records once and returns the same seconds again", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const timer = duration.startTimer();
  clock.advance(2);
  timer.stop();
  clock.advance(5);
  assert.equal(timer.stop(), 2);
  timer[Symbol.dispose]();
  timer.cancel();
  assert.equal(duration.count, 1);
  assert.equal(duration.sum, 2);
});

test("Timer.cancel() ends the timer without recording", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const timer = duration.startTimer();
  clock.advance(2);
  timer.cancel();
  timer.stop();
  timer[Symbol.dispose]();
  assert.equal(duration.count, 0);
});

test("Timer with using records at the end of the block", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  {
    using _timer = duration.startTimer();
    clock.advance(3);
  }
  assert.equal(duration.sum, 3);
});

test("Timer with using records if the block throws", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  assert.throws(() => {
    using _timer = duration.startTimer();
    clock.advance(3);
    throw failure;
  }, failure);
  assert.equal(duration.count, 1);
  assert.equal(duration.sum, 3);
});

test("Timers of the same series are independent", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const first = duration.startTimer();
  clock.advance(1);
  const second = duration.startTimer();
  clock.advance(1);
  assert.equal(first.stop(), 2);
  assert.equal(second.stop(), 1);
  assert.equal(duration.sum, 3);
});

test("Timer.stop() records 0 if the clock goes back", () => {
  const clock = new WindingClock();
  const { registry } = setUp({ clock });
  const duration = latency(registry);
  const timer = duration.startTimer();
  clock.now -= 5;
  assert.equal(timer.stop(), 0);
  assert.equal(duration.sum, 0);
});

test("stopwatch() measures before the labels are known", () => {
  const { registry, clock } = setUp();
  const duration = registry.histogram({
    name: "job_seconds",
    help: "Jobs.",
    labels: ["outcome"],
  });
  const watch = stopwatch(clock);
  clock.advance(4);
  duration.with({ outcome: "done" }).observe(watch.seconds());
  assert.equal(duration.at("done").sum, 4);
});

test("time() of synchronous work returns its value", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const value = {};
  const returned = duration.time(() => {
    clock.advance(2);
    return value;
  });
  assert.equal(returned, value);
  assert.equal(duration.sum, 2);
});

test("time() of work that throws records and throws the same", () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  assert.throws(() =>
    duration.time(() => {
      clock.advance(2);
      throw failure;
    }), failure);
  assert.equal(duration.count, 1);
  assert.equal(duration.sum, 2);
});

test("time() of a promise records when it is settled", async () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const value = {};
  let finish = (_: object): void => {};
  const timed = duration.time(() =>
    new Promise<object>((resolve) => finish = resolve)
  );
  clock.advance(2);
  assert.equal(duration.count, 0);
  finish(value);
  assert.equal(await timed, value);
  assert.equal(duration.sum, 2);
});

test("time() of a rejection records and rejects with the same", async () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const timed = duration.time(async () => {
    await Promise.resolve();
    clock.advance(2);
    throw failure;
  });
  await assert.rejects(timed, (error) => error === failure);
  assert.equal(duration.sum, 2);
});

test("time() works for summaries and gauges too", () => {
  const { registry, clock } = setUp();
  const summary = registry.summary({ name: "s_seconds", help: "S." });
  const gauge = registry.gauge({ name: "last_seconds", help: "Last." });
  const work = () => clock.advance(2);
  summary.time(work);
  gauge.time(work);
  assert.equal(summary.sum, 2);
  assert.equal(gauge.value, 2);
  using timer = gauge.startTimer();
  clock.advance(1);
  assert.equal(timer.stop(), 1);
  assert.equal(gauge.value, 1);
});

test("trackInFlight() counts work from its start to its end", async () => {
  const { registry } = setUp();
  const flight = registry.gauge({ name: "in_flight", help: "In flight." });
  let finish = (): void => {};
  const first = flight.trackInFlight(() =>
    new Promise<void>((resolve) => finish = resolve)
  );
  assert.equal(flight.value, 1);
  assert.equal(flight.trackInFlight(() => flight.value), 2);
  assert.equal(flight.value, 1);
  finish();
  await first;
  assert.equal(flight.value, 0);
});

test("trackInFlight() ends with work that throws or rejects", async () => {
  const { registry } = setUp();
  const flight = registry.gauge({ name: "in_flight", help: "In flight." });
  assert.throws(() =>
    flight.trackInFlight(() => {
      throw failure;
    }), failure);
  assert.equal(flight.value, 0);
  const rejected = flight.trackInFlight(() => Promise.reject(failure));
  assert.equal(flight.value, 1);
  await assert.rejects(rejected, (error) => error === failure);
  assert.equal(flight.value, 0);
});

test("countErrors() counts what is thrown, and throws the same", () => {
  const { registry } = setUp();
  const errors = registry.counter({ name: "errors_total", help: "Errors." });
  assert.equal(errors.countErrors(() => 5), 5);
  assert.equal(errors.value, 0);
  assert.throws(() =>
    errors.countErrors(() => {
      throw failure;
    }), failure);
  assert.equal(errors.value, 1);
});

test("countErrors() counts a rejection, and rejects with the same", async () => {
  const { registry } = setUp();
  const errors = registry.counter({ name: "errors_total", help: "Errors." });
  assert.equal(await errors.countErrors(() => Promise.resolve(5)), 5);
  assert.equal(errors.value, 0);
  await assert.rejects(
    errors.countErrors(() => Promise.reject(failure)),
    (error) => error === failure,
  );
  assert.equal(errors.value, 1);
});

test("countErrors() counts also undefined, thrown or rejected", async () => {
  const { registry } = setUp();
  const errors = registry.counter({ name: "errors_total", help: "Errors." });
  try {
    errors.countErrors(() => {
      throw undefined;
    });
    assert.fail("it throws");
  } catch (error) {
    assert.equal(error, undefined);
  }
  const caught = await errors.countErrors(() => Promise.reject(undefined))
    .catch((error: unknown) => ["caught", error]);
  assert.deepEqual(caught, ["caught", undefined]);
  assert.equal(errors.value, 2);
});

test("countErrors() ignores work that resolves to undefined or null", async () => {
  const { registry } = setUp();
  const errors = registry.counter({ name: "errors_total", help: "Errors." });
  assert.equal(errors.countErrors(() => null), null);
  assert.equal(await errors.countErrors(() => Promise.resolve()), undefined);
  assert.equal(errors.value, 0);
});

test("countErrors() and time() follow thenables", async () => {
  const { registry, clock } = setUp();
  const duration = latency(registry);
  const value = {};
  const thenable: PromiseLike<object> = {
    then: (resolve, reject) =>
      turn().then(() => clock.advance(2)).then(() => value).then(
        resolve,
        reject,
      ),
  };
  assert.equal(await duration.time(() => thenable), value);
  assert.equal(duration.sum, 2);
});

test("countErrors() does not handle the rejection in place of the caller", async () => {
  class Watched<T> extends Promise<T> {
    handlers = 0;
    override then<A = T, B = never>(
      ...args: Parameters<Promise<T>["then"]>
    ): Promise<A | B> {
      this.handlers++;
      return super.then(...args) as Promise<A | B>;
    }
  }
  const { registry } = setUp();
  const errors = registry.counter({ name: "errors_total", help: "Errors." });
  const followed = errors.countErrors(() => Watched.reject(failure));
  assert.ok(followed instanceof Watched);
  assert.equal(followed.handlers, 0); // so the runtime would report it
  await assert.rejects(followed, (error) => error === failure);
  assert.equal(errors.value, 1);
});
