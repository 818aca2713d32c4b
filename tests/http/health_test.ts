/** Living and being ready: what is told, to whom, and in time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Check,
  healthHandler,
  readyHandler,
  type ReadyOptions,
} from "../../src/http/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

const timeout = 30_000;
const request = (init: RequestInit = {}) =>
  new Request("http://localhost/", init);

test("health is the moment at which it is asked for", async () => {
  const health = healthHandler(new FakeClock(1_700_000_000));
  const response = await health(request());
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), {
    status: "healthy",
    timestamp: "2023-11-14T22:13:20.000Z",
  });
});

test("who wants plain text gets it, and who wants anything gets JSON", async () => {
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

test("other methods than those that look are refused", async () => {
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

test("a check that throws, rejects, says no or is late has failed", {
  timeout,
}, async () => {
  let aborted = false;
  const checks: Record<string, Check> = {
    fine: () => "anything",
    says_no: () => false,
    says_no_later: () => Promise.resolve(false),
    throws: () => {
      throw new Error("secret");
    },
    rejects: () => Promise.reject(new Error("secret")),
    late: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(new Error("too late to be told of"));
        });
      }),
  };
  const [status, body] = await readiness({ checks, timeout: 0.02 });
  assert.equal(status, 503);
  assert.deepEqual(body, {
    status: "not_ready",
    checks: {
      fine: "pass",
      says_no: "fail",
      says_no_later: "fail",
      throws: "fail",
      rejects: "fail",
      late: "fail",
    },
  });
  assert.equal(aborted, true);
});

test("who asks while checks run is told what they say, and starts none", async () => {
  let asked = 0;
  let release!: () => void;
  const gate = new Promise<void>((resolve) => release = resolve);
  const ready = readyHandler({
    checks: {
      slow: () => {
        asked++;
        return gate;
      },
    },
  });
  const answers = Promise.all(
    Array.from({ length: 50 }, () => ready(request())),
  );
  release();
  for (const { status } of await answers) assert.equal(status, 200);
  assert.equal(asked, 1);
  await ready(request());
  assert.equal(asked, 2);
});

test("without checks a program is ready", async () => {
  assert.deepEqual(await readiness({}), [200, { status: "ready", checks: {} }]);
});

test("the names of checks are for those who may see them", async () => {
  const checks = { database: () => true };
  const hidden: NonNullable<ReadyOptions["showChecks"]>[] = [
    () => false,
    () => Promise.resolve(false),
    () => {
      throw new Error("broken");
    },
  ];
  for (const showChecks of hidden) {
    const told = await readiness({ checks, showChecks });
    assert.deepEqual(told, [200, { status: "ready" }]);
  }
  const [, body] = await readiness({ checks, showChecks: () => true });
  assert.deepEqual(body.checks, { database: "pass" });
});

test("wrong options are refused, and say what to give", () => {
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
      /Cannot tell readiness: .*give/,
      JSON.stringify(options),
    );
  }
});
