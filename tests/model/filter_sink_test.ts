import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FilterSink,
  Labels,
  type RevocableSink,
  type Sink,
} from "../../src/model/mod.ts";
import { collectPart } from "../../src/model/internal.ts";
import { descOf } from "./fixtures.ts";

/** Records the calls that it receives. */
class Listener implements RevocableSink {
  heard: string[] = [];
  family({ name }: { readonly name: string }): boolean {
    this.heard.push(name);
    return true;
  }
  number = (): void => void this.heard.push("number");
  histogram = (): void => void this.heard.push("histogram");
  summary = (): void => void this.heard.push("summary");
  mark = (): void => void this.heard.push("mark");
  rollback = (): void => void this.heard.push("rollback");
}

const HISTOGRAM = {
  count: 0,
  sum: 0,
  bounds: new Float64Array(0),
  counts: Float64Array.of(0),
  exemplars: [],
};
const SUMMARY = {
  count: 0,
  sum: 0,
  quantiles: new Float64Array(0),
  values: new Float64Array(0),
};

/** Writes all families, whether they are wanted or not. */
function write(sink: Sink): boolean[] {
  const opened = [sink.family(descOf("gauge", "g"))];
  sink.number(Labels.NONE, 1, 0);
  opened.push(sink.family(descOf("histogram", "h")));
  sink.histogram(Labels.NONE, HISTOGRAM, 0);
  opened.push(sink.family(descOf("summary", "s")));
  sink.summary(Labels.NONE, SUMMARY, 0);
  return opened;
}

test("FilterSink passes on the wanted families only, whatever the source writes", () => {
  for (const wanted of ["g", "h", "s"]) {
    const listener = new Listener();
    const filter = new FilterSink(listener, ({ name }) => name === wanted);
    assert.deepEqual(write(filter), ["g", "h", "s"].map((n) => n === wanted));
    assert.equal(listener.heard.length, 2);
    assert.equal(listener.heard[0], wanted);
  }
});

test("FilterSink passes on mark and rollback", () => {
  const listener = new Listener();
  const filter = new FilterSink(listener, () => true);
  const failing = {
    descs: [],
    collect(sink: Sink): void {
      sink.family(descOf("gauge", "g"));
      throw new Error("broken");
    },
  };
  collectPart(failing, failing, filter, { failed() {} });
  assert.deepEqual(listener.heard, ["mark", "g", "rollback"]);
  filter.number(Labels.NONE, 1, 0); // outside of any family
  assert.equal(listener.heard.length, 3);
});

test("FilterSink skips families that its sink refuses", () => {
  const deaf = Object.assign(new Listener(), { family: () => false });
  assert.equal(
    new FilterSink(deaf, () => true).family(descOf("gauge", "g")),
    false,
  );
});
