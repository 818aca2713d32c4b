/**
 * Functions of the user that answer oddly: an endless body of a refusal, a clock
 * that throws, JSON that is undefined. Each took its endpoint along.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { healthHandler, metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { serverSettings } from "../../src/server/options.ts";
import { routesOf } from "../../src/server/routes.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { get, settled } from "../http/fixtures.ts";

test("a refusal with an endless, silent or large body is sent without it", async () => {
  const bodies: Record<
    string,
    () => ConstructorParameters<typeof Response>[0]
  > = {
    endless: () =>
      new ReadableStream({
        pull: (body) => body.enqueue(new Uint8Array(10_000)),
      }),
    silent: () => new ReadableStream(),
    large: () => "x".repeat(65_537),
    broken: () => new ReadableStream({ start: (body) => body.error("no") }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const timers = new FakeTimers();
    const refusal = new Response(body(), {
      status: 403,
      headers: { "x-why": name },
    });
    const authorize = () => refusal;
    const handler = metricsHandler(createRegistry(), { authorize, timers });
    for (let i = 0; i < 2; i++) {
      const answer = handler(get());
      await settled();
      timers.advance(1);
      const { status, headers, body } = await answer;
      assert.deepEqual([status, headers.get("x-why")], [403, name]);
      assert.equal(body, null, name);
    }
  }
  const largest = "x".repeat(65_536);
  const authorize = () => new Response(largest, { status: 403 });
  const handler = metricsHandler(createRegistry(), { authorize });
  assert.equal(await (await handler(get())).text(), largest);
});

test("a broken clock does not take the liveness endpoint along", async () => {
  const clocks = [
    () => NaN,
    () => Infinity,
    () => 1e300,
    () => {
      throw new Error("clock");
    },
  ];
  for (const unix of clocks) {
    const health = healthHandler({ unix, mono: () => 0 });
    const { status, timestamp } = await (await health(get())).json();
    assert.equal(status, "healthy");
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
  }
});

test("a description without JSON is answered by 503", async () => {
  const values = [{ toJSON: () => undefined }, () => 1, Symbol("x"), undefined];
  for (const value of values) {
    const endpoints = () => value as never;
    const settings = serverSettings({
      registry: createRegistry(),
      describe: { endpoints },
    });
    const { handler } = routesOf(settings);
    const answer = await handler(new Request("http://localhost/endpoints"));
    assert.equal(answer!.status, 503);
  }
});
