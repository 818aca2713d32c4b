/** Pushes without a network: points of a source as a receiver reads them. */
import assert from "node:assert/strict";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { collectPart, partsOf } from "../../../src/model/internal.ts";
import {
  writeRequest1,
  writeRequest2,
} from "../../../src/push/remote/messages.ts";
import { SeriesTable } from "../../../src/push/remote/series.ts";
import {
  type HistogramChoice,
  PointSink,
} from "../../../src/push/remote/sink.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import {
  readMessage,
  type SeenRequest,
} from "../../support/remote_write_reader.ts";

export const START = 1_700_000_000.25;
export const TIME = 1_700_000_060_000;

interface Choices {
  readonly version?: "1.0" | "2.0";
  readonly histograms?: HistogramChoice;
  readonly target?: Readonly<Record<string, string>>;
  readonly table?: SeriesTable;
  readonly time?: number;
}

/** Returns what a receiver reads of a push. */
export function pushed(source: Source, choices: Choices = {}): SeenRequest {
  const {
    version = "2.0",
    histograms = "native",
    target = { job: "shop", instance: "a:1" },
    table = new SeriesTable(),
    time = TIME,
  } = choices;
  table.begin();
  const sink = new PointSink(table, target, histograms, time);
  for (const part of partsOf(source)) {
    collectPart(source, part, sink, { failed: () => {} });
  }
  const push = table.end(time, sink.points, true);
  const write = version === "2.0" ? writeRequest2 : writeRequest1;
  const request = readMessage(write(push.points, time), version);
  for (const series of request.series) {
    assert.equal(series.time, time);
    assert.equal(series.labels["job"], target["job"]);
    assert.equal(series.labels["instance"], target["instance"]);
  }
  return request;
}

export function newRegistry(): Registry {
  return createRegistry({ clock: new FakeClock(START), selfMetrics: false });
}

/** Returns the values of a request by series. */
export function valuesOf({ series }: SeenRequest): Record<string, unknown> {
  return Object.fromEntries(series.map(({ id, value }) => [id, value]));
}

/** Returns a source with one family. */
export function sourceOf(
  type: "gaugehistogram" | "unknown" | "summary" | "histogram",
  collect: (sink: Parameters<Source["collect"]>[0]) => void,
): Source {
  const desc = {
    name: "depth",
    type,
    help: "Depth.",
    unit: "",
    labelNames: [],
    merge: "sum",
  } as const;
  return {
    descs: [desc],
    collect: (sink) => {
      if (sink.family(desc)) collect(sink);
    },
  };
}
