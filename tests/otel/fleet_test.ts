/** Meters of OpenTelemetry in the members of a fleet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asMeterProvider,
  type MeterProviderOptions,
  type OtelMeter,
} from "../../src/otel/mod.ts";
import { Host, type Isolate } from "../fleet/member/host.ts";

function meterOf(
  { registry }: Isolate,
  options: MeterProviderOptions = {},
): OtelMeter {
  return asMeterProvider(registry, { scope: false, ...options })
    .getMeter("test");
}

async function seriesOf(isolate: Isolate): Promise<string[]> {
  const text = await isolate.scrape();
  return text.split("\n").filter((line) => /^[xyz](_total)?[{ ]/.test(line))
    .sort();
}

test("members with the same labels are added up, in whatever order these came", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  const fleets = [await one.join(), await two.join()];
  const [first, second] = [one, two].map((isolate) =>
    meterOf(isolate).createCounter("x")
  );
  first!.add(1, { a: "1" });
  first!.add(1, { b: "1" });
  second!.add(10, { b: "1" });
  second!.add(10, { a: "1" });
  await host.pass(1);
  assert.deepEqual(await seriesOf(one), [
    'x_total{a="1"} 11',
    'x_total{b="1"} 11',
  ]);
  first!.add(1, { c: "1" });
  second!.add(10, { c: "1", a: "1" });
  await host.pass(1);
  const after = [
    'x_total{a="1",c="1"} 10',
    'x_total{a="1"} 11',
    'x_total{b="1"} 11',
    'x_total{c="1"} 1',
  ];
  assert.deepEqual(await seriesOf(one), after);
  assert.deepEqual(await seriesOf(two), after);
  fleets[1]!.leave();
  await host.pass(1);
  assert.deepEqual(await seriesOf(one), after); // counters stay
  fleets[0]!.leave();
});

test("listed attributes are the same labels in all members from the start", async () => {
  const host = new Host();
  const isolates = [host.isolate(), host.isolate(), host.isolate()];
  const fleets = [];
  for (const [at, isolate] of isolates.entries()) {
    fleets.push(await isolate.join());
    const meter = meterOf(isolate, {
      instruments: () => ({ attributes: ["a", "b", "c"] }),
    });
    meter.createCounter("x").add(1, { ["abc"[at]!]: "1" });
    meter.createUpDownCounter("y").add(-1);
    meter.createObservableUpDownCounter("z").addCallback((result) =>
      result.observe(2)
    );
  }
  await host.pass(1);
  assert.deepEqual(await seriesOf(isolates[0]!), [
    'x_total{a="1"} 1',
    'x_total{b="1"} 1',
    'x_total{c="1"} 1',
    "y -3",
    "z 6",
  ]);
  for (const fleet of fleets) fleet.leave();
});
