// Misspelt options and arguments of another kind were accepted, or failed with an
// error of the engine: { kind: "zzz" }, a histogram spelt "histogramm", options in
// the place of the registry, processMetrics({ prefix }).
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentEvents } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { merge, replay } from "../../src/model/mod.ts";
import { defineRecorder } from "../../src/recorders/mod.ts";
import {
  buildInfo,
  eventLoopDelay,
  gcMetrics,
  memoryMetrics,
  processMetrics,
  runtimeMetrics,
} from "../../src/runtime/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { lint } from "../../src/testing/mod.ts";
import { ratio } from "../../src/trace/mod.ts";

const SALES = { type: "counter", name: "sales_total", help: "S." } as const;
const SHOP = {
  title: "shop",
  namespace: "shop",
  instruments: { sales: SALES },
  records: () => ({}),
};

/** Asserts that `work` throws a `TypeError` with a message like `message`. */
function assertRefused(work: () => unknown, message: RegExp): void {
  assert.throws(work, { name: "TypeError", message });
}

test("defineRecorder() refuses misspelt options and types", () => {
  for (
    const [wrong, message] of [
      [{ instrument: {} }, /recorder: there is no option "instrument"; give/],
      [{ records: undefined }, /recorder: records is of type undefined; give/],
      [{ instruments: [SALES] }, /recorder: instruments is an array; give/],
      [
        { instruments: { sales: { ...SALES, type: "histogramm" } } },
        /the type of "sales" is "histogramm"; give "counter" or "gauge" or/,
      ],
      [{ instruments: { sales: 5 } }, /the type of "sales" is undefined; give/],
    ] as const
  ) {
    assertRefused(
      () => defineRecorder({ ...SHOP, ...wrong } as never),
      message,
    );
  }
});

test("Recorder.on() refuses options in the place of the registry", () => {
  const recorder = defineRecorder(SHOP);
  assertRefused(
    () => recorder.on({ namespace: "x" } as never),
    /^Cannot record shop: the first argument must be a registry; try on/,
  );
});

test("instrumentEvents() refuses an unknown kind", () => {
  const registry = createRegistry();
  assertRefused(
    () => instrumentEvents({ registry, kind: "zzz" as never }),
    /kind is "zzz"; give "server" or "consumer"/,
  );
  instrumentEvents({ registry, kind: "producer" });
});

test("createTelemetry() checks its collector and names its options", () => {
  const endpoint = "http://localhost:4318";
  const make = (collector: object) => () =>
    createTelemetry({
      registry: createRegistry(),
      collector: { endpoint, ...collector },
    });
  assertRefused(
    make({ resource: 5 }),
    /^Cannot create a telemetry: collector: resource is of type number; give/,
  );
  assertRefused(
    make({ clock: {} }),
    /collector: there is no option "clock"; give .*, timers, .*send, metrics$/,
  );
});

test("ratio() refuses a share that is not a number", () => {
  assertRefused(() => ratio("0.1" as never), /share of 0\.1: give a number/);
});

test("sources of the runtime refuse what is not a process", () => {
  const wrong = { prefix: "app_" } as never;
  for (const make of [gcMetrics, memoryMetrics, processMetrics]) {
    assertRefused(
      () => make(wrong),
      /^Cannot measure a process: info is of type object; give the facts of a/,
    );
  }
  assertRefused(() => buildInfo({}, wrong), /info is of type object; give/);
  assertRefused(() => buildInfo("1.2.0" as never), /facts is of type string/);
  for (const make of [eventLoopDelay, runtimeMetrics]) {
    assertRefused(
      () => make({ processInfo: wrong }),
      /processInfo is of type object; give the facts of a process/,
    );
  }
});

test("lint(), merge() and replay() refuse arguments of another type", () => {
  for (const wrong of [5, {}, null, undefined] as never[]) {
    assertRefused(() => lint(wrong), /^Cannot lint .*: give a source, such as/);
    assertRefused(() => merge(wrong), /^Cannot merge .*: give a list of snap/);
    assertRefused(() => merge([wrong]), /^Cannot merge .*: give a snapshot/);
    assertRefused(() => replay(wrong), /^Cannot replay .*: give a snapshot/);
  }
});
