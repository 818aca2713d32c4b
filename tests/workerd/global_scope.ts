/** What a Worker may do at global scope: no I/O, no timers, nothing random. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Flags, runWorker, until } from "./harness.ts";

const FLAGS: readonly Flags[] = [[], ["nodejs_als"], ["nodejs_compat"]];

test("observe() at global scope serves a Worker and its metrics", async () => {
  await using worker = await runWorker("observed.ts");
  for (let i = 0; i < 3; i++) {
    assert.equal(await (await worker.ask("/")).text(), "thank you");
  }
  const metrics = await worker.ask("/metrics");
  assert.equal(metrics.headers.get("content-encoding"), null);
  const text = await metrics.text();
  assert.match(text, /^orders_total 3$/m);
  assert.match(
    text,
    /^http_requests_total\{method="GET",route="\/",status_class="2xx"\} 3$/m,
  );
  const feed = await worker.ask("/events");
  assert.equal(feed.status, 501);
  assert.deepEqual(worker.logged, []);
});

for (const flags of FLAGS) {
  test(`every factory works at global scope with [${flags}]`, async () => {
    await using worker = await runWorker("global_scope.ts", flags);
    const textOf = async (path: string, headers = {}) => {
      const answer = await worker.ask(path, headers);
      assert.equal(answer.status, 200, path);
      return await answer.text();
    };
    const metrics = await textOf("/metrics");
    for (const line of ["a_total 1", 'b{x="1"} 1', "d_count 1", "g 1"]) {
      assert.ok(metrics.includes(`\n${line}\n`), line);
    }
    const runtime = await textOf("/runtime");
    assert.match(runtime, /barograph_spans_queued/);
    assert.doesNotMatch(runtime, /^(?:process|nodejs|js|workerd_eventloop)_/m);
    await textOf("/own");
    await textOf("/text", { authorization: "Bearer abc" });
    assert.match(await textOf("/bus"), /^[0-9a-f]{12}:1$/);
    assert.match(await textOf("/span"), /"spanId":"[0-9a-f]{16}"/);
    assert.equal(await textOf("/fetch"), "refused");
    // Nothing listens there: each push by hand is tried, and goes on.
    for (
      const [accepted, exported, retries] of JSON.parse(await textOf("/push"))
    ) {
      assert.deepEqual([accepted, exported], [false, 0]);
      assert.ok(retries > 0);
    }
    assert.equal(await textOf("/health", { accept: "text/plain" }), "OK\n");
    await until(() => worker.logged.length > 0);
    assert.match(worker.logged.join(""), /^[^\n]*withTelemetry\(\)[^\n]*\n$/);
  });
}
