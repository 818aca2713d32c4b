/** The example in the docstring of `Series` satisfies the laws of kinds. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type InstrumentKind,
  type RowStore,
  Series,
} from "../../src/metrics/mod.ts";
import { kindLaws } from "../../src/testing/mod.ts";

interface Maximum extends Series {
  record(value: number): void;
}

type MaximumClass = new (store: RowStore, row: number) => Maximum;

/** Returns the class in the example of the docstring. */
async function exampleClass(): Promise<MaximumClass> {
  const source = new URL("../../src/metrics/series.ts", import.meta.url);
  const metrics = new URL("../../src/metrics/mod.ts", import.meta.url);
  const [, block] = /```ts\n([^]*?)```/.exec(readFileSync(source, "utf8"))!;
  const code = block!.replace(/^ \* ?/gm, "")
    .replace('"@barograph/barograph/metrics"', JSON.stringify(metrics.href))
    .replace(/^class Maximum/m, "export $&");
  const folder = mkdtempSync(join(tmpdir(), "barograph-example-"));
  try {
    const file = join(folder, "maximum.ts");
    writeFileSync(file, code);
    return (await import(pathToFileURL(file).href)).Maximum;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the example of Series satisfies kindLaws()", async () => {
  const Maximum = await exampleClass();
  assert.ok(Maximum.prototype instanceof Series);
  const maxima: InstrumentKind<Maximum> = {
    id: "test/maximum",
    type: "gauge",
    rules: {},
    plan: () => ({
      layout: () => ({
        width: 1,
        isPlain: true,
        tracksStart: false,
        initial: -Infinity,
        series: (store, row) => new Maximum(store, row),
        emit: (store, row, labels, sink) =>
          sink.number(labels, store.cells[row]!, 0),
      }),
    }),
    noop: { record() {} } as unknown as Maximum,
  };
  kindLaws(maxima, { record: (series, value) => series.record(value) });
});
