/** Liveness and readiness endpoints. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import {
  type Check,
  healthHandler,
  readyHandler,
  type ReadyOptions,
} from "../../src/http/mod.ts";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";

const timeout = 120_000;
const request = (init: RequestInit = {}) =>
  new Request("http://localhost/", init);

test("healthHandler() answers with the current time", async () => {
  const health = healthHandler(new FakeClock(1_700_000_000));
  const response = await health(request());
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), {
    status: "healthy",
    timestamp: "2023-11-14T22:13:20.000Z",
  });
});

test("healthHandler() answers with plain text if that is preferred, else with JSON", async () => {
  const health = healthHandler();
  const kind = async (accept: string) => {
    const response = await health(request({ headers: { accept } }));
    await response.text();
    return response.headers.get("content-type")!.split(";")[0];
  };
  assert.equal(await kind("text/plain"), "text/plain");
  assert.equal(await kind("TEXT/PLAIN;q=1, */*"), "text/plain");
  for (
    const accept of ["*/*", "application/json", "text/html", "x".repeat(1e5)]
  ) {
    assert.equal(await kind(accept), "application/json");
  }
});

test("healthHandler() and readyHandler() answer 405 to methods other than GET and HEAD", async () => {
  for (const handler of [healthHandler(), readyHandler()]) {
    assert.equal((await handler(request({ method: "HEAD" }))).status, 200);
    const refused = await handler(request({ method: "POST" }));
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get("allow"), "GET, HEAD");
  }
});

async function readiness(options: ReadyOptions) {
  const response = await readyHandler(options)(request());
  return [response.status, await response.json()] as const;
}

test("a check fails if it throws, rejects, returns false or times out", {
  timeout,
}, async () => {
  let aborted = false;
  const checks: Record<string, Check> = {
    fine: () => "anything",
    returns_false: () => false,
    returns_false_later: () => Promise.resolve(false),
    throws: () => {
      throw new Error("secret");
    },
    rejects: () => Promise.reject(new Error("secret")),
    late: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(new Error("rejected too late"));
        });
      }),
  };
  const [status, body] = await readiness({ checks, timeout: 0.02 });
  assert.equal(status, 503);
  assert.deepEqual(body, {
    status: "not_ready",
    checks: {
      fine: "pass",
      returns_false: "fail",
      returns_false_later: "fail",
      throws: "fail",
      rejects: "fail",
      late: "fail",
    },
  });
  assert.equal(aborted, true);
});

test("readyHandler() runs the checks once for overlapping requests", async () => {
  let calls = 0;
  let release!: () => void;
  const gate = new Promise<void>((resolve) => release = resolve);
  const ready = readyHandler({
    checks: {
      slow: () => {
        calls++;
        return gate;
      },
    },
  });
  const answers = Promise.all(
    Array.from({ length: 50 }, () => ready(request())),
  );
  release();
  for (const { status } of await answers) assert.equal(status, 200);
  assert.equal(calls, 1);
  await ready(request());
  assert.equal(calls, 2);
});

test("readyHandler() without checks answers 200", async () => {
  assert.deepEqual(await readiness({}), [200, { status: "ready", checks: {} }]);
});

test("showChecks decides who sees the names and results of the checks", async () => {
  const checks = { database: () => true };
  const hidden: NonNullable<ReadyOptions["showChecks"]>[] = [
    () => false,
    () => Promise.resolve(false),
    () => {
      throw new Error("broken");
    },
  ];
  for (const showChecks of hidden) {
    const answer = await readiness({ checks, showChecks });
    assert.deepEqual(answer, [200, { status: "ready" }]);
  }
  const [, body] = await readiness({ checks, showChecks: () => true });
  assert.deepEqual(body.checks, { database: "pass" });
});

test("readyHandler() waits half a second for showChecks, and leaves the names out", async () => {
  const never = new Promise<never>(() => {});
  let reject = (_error: Error): void => {};
  const late = new Promise<boolean>((_, fail) => reject = fail);
  for (const verdict of [never, late]) {
    const timers = new FakeTimers();
    const ready = readyHandler({
      checks: { database: () => true },
      showChecks: () => verdict,
      timers,
    });
    const answer = ready(request());
    for (let i = 0; i < 10; i++) await Promise.resolve();
    timers.advance(0.5);
    const response = await answer;
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "ready" });
    assert.equal(timers.pending, 0);
  }
  reject(new Error("late")); // no unhandled rejection
});

test("readyHandler() refuses wrong options and says what to give", () => {
  const wrong = [
    { timeout: 0 },
    { timeout: NaN },
    { checks: { database: true } },
    { checks: 7 },
    { check: {} },
  ];
  for (const options of wrong) {
    assert.throws(
      () => readyHandler(options as never),
      /Cannot report readiness: .*give/,
      JSON.stringify(options),
    );
  }
});

test("ReadyHandler.drain() makes all answers 503 draining, whatever the checks return", async () => {
  for (const isReady of [true, false]) {
    const ready = readyHandler({ checks: { a: () => isReady } });
    ready.drain();
    const response = await ready(request());
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), {
      status: "draining",
      checks: { a: isReady ? "pass" : "fail" },
    });
  }
});

test("the timeout of a check keeps the process alive and ends with the check", async () => {
  const timers = new FakeTimers();
  const gate = Promise.withResolvers<void>();
  const ready = readyHandler({
    checks: { gated: () => gate.promise, fine: () => true },
    timeout: 5,
    timers,
  });
  const answer = ready(request());
  assert.deepEqual([timers.pending, timers.holding], [2, 2]);
  gate.resolve();
  assert.equal((await answer).status, 200);
  assert.equal(timers.pending, 0);
  const late = readyHandler({
    checks: { never: () => new Promise(() => {}) },
    timeout: 5,
    timers,
  })(request());
  timers.advance(5);
  assert.equal((await late).status, 503);
});

test("a check that rejects after its timeout causes no unhandled rejection", async () => {
  const timers = new FakeTimers();
  let reject: ((error: Error) => void) | undefined;
  const check = () => new Promise<void>((_, fail) => reject = fail);
  const ready = readyHandler({ checks: { slow: check }, timeout: 1, timers });
  const response = ready(request());
  timers.advance(1);
  assert.equal((await response).status, 503);
  const unhandled: unknown[] = [];
  const onRejection = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", onRejection);
  reject!(new Error("too late"));
  await new Promise((resolve) => setTimeout(resolve));
  process.off("unhandledRejection", onRejection);
  assert.deepEqual(unhandled, []);
});
