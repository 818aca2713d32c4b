// A program with two copies of the module could not add a registry of one copy
// to a registry of the other: both have self-metrics of the same names.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as metrics from "../../src/metrics/mod.ts";
import { loose, namesOf, rejectionsOf, rowsOf } from "../metrics/fixtures.ts";

type Metrics = typeof metrics;

/** Runs `work` with another copy of the module. */
async function withCopy(work: (copy: Metrics) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-copy-"));
  try {
    for (const part of ["base", "model", "metrics"]) {
      const from = fileURLToPath(new URL(`../../src/${part}`, import.meta.url));
      cpSync(from, join(folder, part), { recursive: true });
    }
    const file = pathToFileURL(join(folder, "metrics", "mod.ts"));
    work(await import(file.href));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const X = { name: "x_total", help: "X.", labels: ["a"], maxSeries: 1 } as const;

test("a registry can be added to one of another copy of the module", async () => {
  await withCopy((copy) => {
    assert.notEqual(copy.createRegistry, metrics.createRegistry);
    for (const [one, other] of [[copy, metrics], [metrics, copy]] as const) {
      const [inner, middle, outer] = [
        one.createRegistry(),
        other.createRegistry(),
        one.createRegistry(),
      ];
      const family = inner.counter(X);
      using _middle = middle.add(inner);
      {
        using _outer = outer.add(middle);
        family.at("1").inc();
        loose(family.at("1")).inc!(-1);
        for (const registry of [inner, middle, outer]) {
          assert.deepEqual(rowsOf(registry, "x_total"), [["1", 1]]);
          assert.deepEqual(rejectionsOf(registry), { negative: 1 });
          assert.throws(
            () => registry.gauge({ name: "x", help: "Clashes." }),
            { name: "FamilyConflictError" },
          );
        }
        assert.throws(() => outer.add(inner), /Cannot add a registry twice/);
        assert.throws(() => inner.add(outer), /to one that was added to it/);
        inner.gauge({ name: "y", help: "Declared later." });
        assert.throws(() => outer.gauge({ name: "y", help: "Clashes." }));
        assert.deepEqual(namesOf(outer), ["x_total", "y"]);
      }
      assert.deepEqual(namesOf(outer), []);
      outer.gauge({ name: "y", help: "Free again." });
    }
  });
});
