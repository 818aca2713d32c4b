import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { capture, type Sink } from "../../src/model/mod.ts";
import { poison, POISONED } from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";

test("law: a poisoned source is captured like the source", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const source = sourceOf(model);
    assert.deepEqual(capture(poison(source)), capture(source));
  }));
});

/** Keeps every view, and reads all of them afterwards. */
class KeepingSink implements Sink {
  readonly #kept: (() => readonly unknown[])[] = [];
  #series = 0;

  get series(): number {
    return this.#series;
  }

  values(): readonly unknown[] {
    return this.#kept.flatMap((read) => read());
  }

  family(): boolean {
    return true;
  }

  number(...[labels, , , exemplar]: Parameters<Sink["number"]>): void {
    this.#keep(labels, () => exemplar === undefined ? [] : of(exemplar));
  }

  histogram(...[labels, view]: Parameters<Sink["histogram"]>): void {
    const exemplars = view.exemplars.flatMap((one) => one ?? []);
    this.#keep(labels, () => [
      view.count,
      view.sum,
      ...view.bounds,
      ...view.counts,
      ...view.exemplars,
      ...exemplars.flatMap(of),
    ]);
  }

  summary(...[labels, view]: Parameters<Sink["summary"]>): void {
    this.#keep(
      labels,
      () => [view.count, view.sum, ...view.quantiles, ...view.values],
    );
  }

  #keep(
    labels: Parameters<Sink["number"]>[0],
    read: () => readonly unknown[],
  ): void {
    this.#series++;
    const texts = () => labels.names.map((_, i) => labels.value(i));
    this.#kept.push(() => [...texts(), ...read()]);
  }
}

function of(
  { labels, value, timestamp }: NonNullable<Parameters<Sink["number"]>[3]>,
): readonly unknown[] {
  return [...Object.values(labels), value, timestamp];
}

test("law: everything that a sink keeps is overwritten after the call", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const sink = new KeepingSink();
    poison(sourceOf(model)).collect(sink);
    const points = model.flatMap((family) => family.points);
    assert.equal(sink.series, points.length);
    for (const value of sink.values()) {
      assert.ok(value === POISONED || Number.isNaN(value), String(value));
    }
  }));
});
