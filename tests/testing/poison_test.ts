import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  type Exemplar,
  familyDesc,
  type HistogramView,
  Labels,
  type LabelSet,
  type Sink,
  type Source,
  type SummaryView,
} from "../../src/model/mod.ts";
import {
  type ObservedSource,
  OBSERVER,
  observerOf,
  partsOf,
  refreshParts,
} from "../../src/model/internal.ts";
import { poison, POISONED } from "../../src/testing/mod.ts";

/** A sink with a bug: it stores the views that it borrows. */
class StoringSink implements Sink {
  readonly labels: LabelSet[] = [];
  readonly exemplars: (Exemplar | undefined)[] = [];
  readonly histograms: HistogramView[] = [];
  readonly summaries: SummaryView[] = [];
  /** Label values, read during the calls. */
  readonly values: string[] = [];

  family(): boolean {
    return true;
  }

  number(labels: LabelSet, _: number, __: number, exemplar?: Exemplar): void {
    this.labels.push(labels);
    this.values.push(labels.value(0));
    this.exemplars.push(exemplar);
  }

  histogram(labels: LabelSet, view: HistogramView): void {
    this.labels.push(labels);
    this.histograms.push(view);
    this.exemplars.push(...view.exemplars);
  }

  summary(labels: LabelSet, view: SummaryView): void {
    this.labels.push(labels);
    this.summaries.push(view);
  }
}

function gauge(name: string): Source {
  const desc = familyDesc({ name, type: "gauge", help: "Help." });
  return {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      sink.number(Labels.NONE, 1, 0);
    },
  };
}

function whole(
  parts: readonly Source[],
  extra: Partial<ObservedSource> = {},
): Source {
  const collect = (sink: Sink) => parts.forEach((part) => part.collect(sink));
  return {
    descs: parts.flatMap(({ descs }) => descs),
    parts,
    collect,
    ...extra,
  };
}

test("poison() overwrites labels and exemplars that a sink stores", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({ name: "x_total", help: "X.", labels: ["a"] })
    .with({ a: "b" }).inc(3, { trace_id: "t" });
  const sink = new StoringSink();
  poison(registry).collect(sink);
  assert.deepEqual(sink.values, ["b"]);
  assert.equal(sink.labels[0]!.value(0), POISONED);
  const { labels, value, timestamp } = sink.exemplars[0]!;
  assert.deepEqual(labels, { trace_id: POISONED });
  assert.deepEqual([value, timestamp], [NaN, NaN]);
});

test("poison() overwrites a histogram that a sink stores, and its arrays", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] })
    .observe(1.5, 1, { trace_id: "t" });
  const sink = new StoringSink();
  poison(registry).collect(sink);
  const [view] = sink.histograms;
  assert.deepEqual([view!.count, view!.sum], [NaN, NaN]);
  assert.deepEqual([...view!.bounds], [NaN, NaN]);
  assert.deepEqual([...view!.counts], [NaN, NaN, NaN]);
  assert.deepEqual(view!.exemplars, []);
  const exemplar = sink.exemplars.find(Boolean);
  assert.deepEqual(exemplar?.labels, { trace_id: POISONED });
});

test("poison() overwrites a summary that a sink stores, and its arrays", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.summary({ name: "s", help: "S.", quantiles: [0.5] }).observe(2);
  const sink = new StoringSink();
  poison(registry).collect(sink);
  const [view] = sink.summaries;
  assert.deepEqual([view!.count, view!.sum], [NaN, NaN]);
  assert.deepEqual([...view!.quantiles], [NaN]);
  assert.deepEqual([...view!.values], [NaN]);
});

test("poison() overwrites views when the sink throws", () => {
  const stored: LabelSet[] = [];
  const sink = new StoringSink();
  sink.number = (labels) => {
    stored.push(labels);
    throw new Error("full");
  };
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "g", help: "G.", labels: ["a"] }).with({ a: "b" });
  assert.throws(() => poison(registry).collect(sink), /full/);
  assert.equal(stored[0]!.value(0), POISONED);
});

test("poison() leaves the source unchanged", () => {
  const registry = createRegistry();
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] })
    .observe(1.5, 1, { trace_id: "t" });
  const before = expose(registry, prometheusText);
  poison(registry).collect(new StoringSink());
  assert.deepEqual(expose(registry, prometheusText), before);
});

test("poison() returns the same poisoned source each time", () => {
  const b = gauge("b");
  const source = whole([gauge("a"), b]);
  assert.equal(poison(source), poison(source));
  assert.equal(poison(poison(source)), poison(source));
  assert.deepEqual([...partsOf(poison(source))], [...partsOf(poison(source))]);
  assert.equal([...partsOf(poison(source))][1], poison(b));
});

test("poison() of a source without parts is its own part", () => {
  const poisoned = poison(gauge("a"));
  assert.deepEqual([...partsOf(poisoned)], [poisoned]);
});

test("poison() lets parts of the source be excluded", () => {
  const source = poison(whole([gauge("a"), gauge("b")]));
  const [a] = partsOf(source);
  const body = expose(source, prometheusText, { except: new Set([a!]) });
  assert.match(new TextDecoder().decode(body), /^# HELP b/);
});

test("poison() notifies the observer of the original part that failed", () => {
  const failures: unknown[] = [];
  const bad: Source = {
    descs: gauge("a").descs,
    collect: () => {
      throw "broken";
    },
  };
  const source = whole([bad], {
    [OBSERVER]: { failed: (part, error) => void failures.push(part, error) },
  });
  expose(poison(source), prometheusText);
  assert.deepEqual(failures, [bad, "broken"]);
  assert.equal(observerOf(poison(whole([]))), undefined);
});

test("poison() passes refreshes on to the source", async () => {
  const signals: AbortSignal[] = [];
  const slow: Source = {
    ...gauge("a"),
    refresh: (signal) => {
      signals.push(signal);
      return Promise.reject(new Error("late"));
    },
  };
  const source = poison(whole([slow, gauge("b")]));
  const { signal } = new AbortController();
  const failed = await refreshParts(source, signal);
  assert.deepEqual(signals, [signal]);
  assert.deepEqual([...failed], [poison(slow)]);
  const refreshes = [...source.parts!].map((part) => typeof part.refresh);
  assert.deepEqual(refreshes, ["function", "undefined"]);
});
