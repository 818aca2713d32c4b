/** Two copies of the module in one process, and modules that are evaluated again. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as fleet from "../../../src/fleet/mod.ts";
import * as http from "../../../src/http/mod.ts";
import * as metrics from "../../../src/metrics/mod.ts";
import * as runtime from "../../../src/runtime/mod.ts";
import { valueIn } from "./host.ts";

interface Copy {
  readonly fleet: typeof fleet;
  readonly http: typeof http;
  readonly metrics: typeof metrics;
  readonly runtime: typeof runtime;
}

const timeout = 120_000;
const MAIN: Copy = { fleet, http, metrics, runtime };

/** Runs `work` with another copy of the module, and a directory. */
async function withCopy(
  work: (copy: Copy, dir: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "b-"));
  try {
    const from = fileURLToPath(new URL("../../../src", import.meta.url));
    cpSync(from, join(folder, "src"), { recursive: true });
    const load = (part: string) =>
      import(pathToFileURL(join(folder, "src", part, "mod.ts")).href);
    const copy = {
      fleet: await load("fleet"),
      http: await load("http"),
      metrics: await load("metrics"),
      runtime: await load("runtime"),
    };
    assert.notEqual(copy.fleet.joinFleet, fleet.joinFleet);
    await work(copy, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function scrape(
  answer: (request: Request) => Response | Promise<Response>,
): Promise<string> {
  return await (await answer(new Request("http://localhost/metrics"))).text();
}

const JOBS = { name: "jobs_total", help: "Jobs." };

test(
  "registries of two copies are two members of one process",
  { timeout },
  () =>
    withCopy(async (copy, dir) => {
      const options = { service: "jobs", dir };
      const registries = [MAIN, copy].map((it) => {
        const registry = it.metrics.createRegistry();
        registry.add(it.runtime.processMetrics());
        registry.counter(JOBS).inc(2);
        return registry;
      });
      const one = await fleet.joinFleet(registries[0]!, options);
      const two = await copy.fleet.joinFleet(registries[1]!, options);
      assert.deepEqual([one.member, two.member], [0, 1]);
      for (const registry of registries) {
        // The endpoint of any copy answers for a registry of any copy.
        for (const it of [MAIN, copy]) {
          const text = await scrape(it.http.metricsHandler(registry));
          assert.equal(valueIn(text, "jobs_total"), 4);
          assert.equal(valueIn(text, "barograph_fleet_members"), 2);
          const memory = text.match(/^process_resident_memory_bytes.*$/gm);
          assert.equal(memory?.length, 1, text);
        }
      }
      one.leave();
      const text = await scrape(http.metricsHandler(registries[1]!));
      assert.equal(valueIn(text, "jobs_total"), 4);
      assert.equal(valueIn(text, "barograph_fleet_members"), 1);
      assert.match(text, /^process_resident_memory_bytes/m);
      two.leave();
    }),
);

test(
  "a registry that another copy makes a member again stays the same member",
  {
    timeout,
  },
  () =>
    withCopy(async (copy, dir) => {
      const options = { service: "jobs", dir };
      const registry = metrics.createRegistry();
      registry.counter(JOBS).inc(2);
      const one = await fleet.joinFleet(registry, options);
      const again = await copy.fleet.joinFleet(registry, options);
      assert.equal(again.member, one.member);
      assert.equal(again.flush(), true);
      for (const it of [MAIN, copy]) {
        const text = await scrape(it.http.metricsHandler(registry));
        assert.equal(valueIn(text, "jobs_total"), 2);
        assert.equal(valueIn(text, "barograph_fleet_members"), 1);
      }
      again.leave();
      assert.equal(one.member, 0);
      one.leave();
      assert.equal(again.member, undefined);
      const text = await scrape(http.metricsHandler(registry));
      assert.doesNotMatch(text, /barograph_fleet/);
    }),
);
