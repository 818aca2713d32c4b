import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemTimers } from "../../../src/base/mod.ts";
import { prometheusText } from "../../../src/encode/mod.ts";
import { ScrapeCoordinator } from "../../../src/http/metrics/scrape_coordinator.ts";
import type { ScrapeReport } from "../../../src/model/mod.ts";
import { gunzip, registryOf } from "../fixtures.ts";

interface Zlib {
  gzipSync(bytes: Uint8Array, options: object): Uint8Array;
}

test("the time to compress a body is reported as blocking the event loop", async () => {
  let now = 0;
  const clock: Clock = { unix: () => now, mono: () => now };
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): Zlib };
  };
  const own = process.getBuiltinModule;
  const zlib = own.call(process, "node:zlib");
  process.getBuiltinModule = () => ({
    ...zlib,
    gzipSync(bytes, options) {
      now += 0.003; // the time that each call takes
      return zlib.gzipSync(bytes, options);
    },
  });
  const reports: ScrapeReport[] = [];
  const registry = registryOf(1000);
  const source = {
    descs: registry.descs,
    parts: [...registry.parts],
    collect() {},
  };
  const observer = {
    scraped: (report: ScrapeReport) => void reports.push(report),
  };
  try {
    const coordinator = new ScrapeCoordinator(source, {
      timeout: 8,
      maxInFlight: 10,
      maxReaders: 10,
      keep: 1e6,
      clock,
      timers: systemTimers,
      observer,
    });
    const scrape = await coordinator.scrape({
      format: prometheusText,
      coding: "gzip",
      names: undefined,
      seconds: 8,
    });
    assert.ok(scrape.state === "whole" && scrape.coding === "gzip");
    assert.match(await gunzip(scrape.body), /^x_total\{a="999"\} 999$/m);
  } finally {
    process.getBuiltinModule = own;
  }
  assert.equal(reports.length, 1);
  assert.ok(reports[0]!.blocked >= 0.003, `${reports[0]!.blocked} s`);
});
