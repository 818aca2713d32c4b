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
class Recorder implements RevocableSink {
  calls: string[] = [];
  family({ name }: { readonly name: string }): boolean {
    this.calls.push(name);
    return true;
  }
  number = (): void => void this.calls.push("number");
  histogram = (): void => void this.calls.push("histogram");
  summary = (): void => void this.calls.push("summary");
  mark = (): void => void this.calls.push("mark");
  rollback = (): void => void this.calls.push("rollback");
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

/** Writes three families and a series of each, even if they are skipped. */
function write(sink: Sink): boolean[] {
  const opened = [sink.family(descOf("gauge", "g"))];
  sink.number(Labels.NONE, 1, 0);
  opened.push(sink.family(descOf("histogram", "h")));
  sink.histogram(Labels.NONE, HISTOGRAM, 0);
  opened.push(sink.family(descOf("summary", "s")));
  sink.summary(Labels.NONE, SUMMARY, 0);
  return opened;
}

test("FilterSink skips the series of other families even if they are written", () => {
  for (const selected of ["g", "h", "s"]) {
    const recorder = new Recorder();
    const filter = new FilterSink(recorder, ({ name }) => name === selected);
    assert.deepEqual(write(filter), ["g", "h", "s"].map((n) => n === selected));
    assert.equal(recorder.calls.length, 2);
    assert.equal(recorder.calls[0], selected);
  }
});

test("FilterSink passes on mark and rollback", () => {
  const recorder = new Recorder();
  const filter = new FilterSink(recorder, () => true);
  const failing = {
    descs: [],
    collect(sink: Sink): void {
      sink.family(descOf("gauge", "g"));
      throw new Error("broken");
    },
  };
  collectPart(failing, failing, filter, { failed() {} });
  assert.deepEqual(recorder.calls, ["mark", "g", "rollback"]);
  filter.number(Labels.NONE, 1, 0); // no family is open
  assert.equal(recorder.calls.length, 3);
});

test("FilterSink skips families that its sink refuses", () => {
  const refusing = Object.assign(new Recorder(), { family: () => false });
  assert.equal(
    new FilterSink(refusing, () => true).family(descOf("gauge", "g")),
    false,
  );
});
