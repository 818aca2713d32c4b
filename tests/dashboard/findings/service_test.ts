/** Findings of a whole service: from requests to the event on its bus. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTelemetry } from "../../../mod.ts";
import { dashboard } from "../../../src/dashboard/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";

for (const names of ["prometheus", "semconv"] as const) {
  test(`a service publishes a finding with its cause, names ${names}`, async () => {
    const timers = new FakeTimers();
    const { clock } = timers;
    const page = dashboard("/_live", { print: false });
    const telemetry = createTelemetry({ names, clock, timers, runtime: false });
    const opened: unknown[] = [];
    const subscription = telemetry.bus.subscribe({
      topics: ["finding.opened", "finding.closed"],
    });
    const handler = telemetry.observe(
      () => Promise.reject(new Error("payments do not answer")),
      { route: "/orders/:id", dashboard: page },
    );
    for (let second = 0; second < 40; second++) {
      await handler(new Request("http://shop/orders/1", { method: "POST" }))
        .catch(() => {});
      timers.advance(1);
    }
    await telemetry.close();
    for await (const event of subscription) {
      if (event.gap !== undefined) continue;
      const { id, k, n, cause, limit, usual } = event.data;
      opened.push([event.topic, id, k >= 10 && k === n, limit, usual]);
      assert.match(cause, /payments do not answer/);
    }
    assert.deepEqual(opened, [
      ["finding.opened", "failing:POST /orders/:id", true, 0.05, null],
    ]);
  });
}
