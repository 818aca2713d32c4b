import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { capture, type Sink } from "../../src/model/mod.ts";
import { poison, POISONED } from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";

test("law: poison() does not change the capture of a source", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const source = sourceOf(model);
    assert.deepEqual(capture(poison(source)), capture(source));
  }));
});

/** A sink with a bug: it stores the borrowed views and reads them afterwards. */
class StoringSink implements Sink {
  readonly #stored: (() => readonly unknown[])[] = [];
  #series = 0;

  get series(): number {
    return this.#series;
  }

  values(): readonly unknown[] {
    return this.#stored.flatMap((read) => read());
  }

  family(): boolean {
    return true;
  }

  number(...[labels, , , exemplar]: Parameters<Sink["number"]>): void {
    this.#store(labels, () => exemplar === undefined ? [] : valuesOf(exemplar));
  }

  histogram(...[labels, view]: Parameters<Sink["histogram"]>): void {
    const exemplars = view.exemplars.flatMap((exemplar) => exemplar ?? []);
    this.#store(labels, () => [
      view.count,
      view.sum,
      ...view.bounds,
      ...view.counts,
      ...view.exemplars,
      ...exemplars.flatMap(valuesOf),
    ]);
  }

  summary(...[labels, view]: Parameters<Sink["summary"]>): void {
    this.#store(
      labels,
      () => [view.count, view.sum, ...view.quantiles, ...view.values],
    );
  }

  #store(
    labels: Parameters<Sink["number"]>[0],
    read: () => readonly unknown[],
  ): void {
    this.#series++;
    const texts = () => labels.names.map((_, i) => labels.value(i));
    this.#stored.push(() => [...texts(), ...read()]);
  }
}

function valuesOf(
  { labels, value, timestamp }: NonNullable<Parameters<Sink["number"]>[3]>,
): readonly unknown[] {
  return [...Object.values(labels), value, timestamp];
}

test("law: poison() overwrites all views that a sink stores", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const sink = new StoringSink();
    poison(sourceOf(model)).collect(sink);
    const points = model.flatMap((family) => family.points);
    assert.equal(sink.series, points.length);
    for (const value of sink.values()) {
      assert.ok(value === POISONED || Number.isNaN(value), String(value));
    }
  }));
});
