/**
 * Reads requests of remote write with independent decoders of Snappy and
 * protobuf, and checks the rules for messages.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { uncompress } from "snappyjs";

const schema = readFileSync(
  new URL("./remote_write.proto", import.meta.url),
  "utf8",
);
const { root } = protobuf.parse(schema, { keepCase: true });
const TYPES = {
  "1.0": root.lookupType("remote.WriteRequest"),
  "2.0": root.lookupType("remote.Request"),
};

/** A number; NaN is told apart by its bits. */
export type SeenNumber = number | "NaN" | "stale";

export interface SeenHistogram {
  readonly count_int?: number;
  readonly count_float?: number;
  readonly sum: SeenNumber;
  readonly schema?: number;
  readonly zero_threshold?: number;
  readonly zero_count_int?: number;
  readonly zero_count_float?: number;
  readonly negative_spans?: readonly Span[];
  readonly negative_deltas?: readonly number[];
  readonly negative_counts?: readonly number[];
  readonly positive_spans?: readonly Span[];
  readonly positive_deltas?: readonly number[];
  readonly positive_counts?: readonly number[];
  readonly reset_hint?: number;
  readonly timestamp: number;
  readonly start_timestamp?: number;
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface SeenExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: SeenNumber;
  readonly timestamp: number;
}

/** A series of a request. */
export interface SeenSeries {
  /** As PromQL writes it: `name{label="value"}`. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The only sample; undefined if it is a native histogram. */
  readonly value: SeenNumber | undefined;
  readonly histogram: SeenHistogram | undefined;
  /** Of the sample or the histogram, in milliseconds. */
  readonly time: number;
  /** In milliseconds; 0: none. */
  readonly start: number;
  readonly exemplars: readonly SeenExemplar[];
  /** Of 2.0. */
  readonly metadata: SeenMetadata | undefined;
}

export interface SeenMetadata {
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

export interface SeenRequest {
  readonly version: "1.0" | "2.0";
  readonly series: readonly SeenSeries[];
  /** Of 1.0, by family. */
  readonly metadata: Readonly<Record<string, SeenMetadata>>;
}

interface Message {
  symbols?: string[];
  timeseries?: {
    labels?: { name: string; value: string }[];
    labels_refs?: number[];
    samples?: { value: string; timestamp: string; start_timestamp?: string }[];
    histograms?: Record<string, unknown>[];
    exemplars?: {
      labels?: { name: string; value: string }[];
      labels_refs?: number[];
      value: string;
      timestamp: string;
    }[];
    metadata?: { type: number; help_ref: number; unit_ref: number };
    created_timestamp?: string;
  }[];
  metadata?: {
    type: number;
    metric_family_name: string;
    help: string;
    unit: string;
  }[];
}

/** Reads a compressed body; throws if it breaks a rule. */
export function readRemoteWrite(
  body: Uint8Array,
  version: "1.0" | "2.0",
): SeenRequest {
  return readMessage(uncompress(body), version);
}

/** Reads a message; throws if it breaks a rule. */
export function readMessage(
  bytes: Uint8Array,
  version: "1.0" | "2.0",
): SeenRequest {
  const type = TYPES[version];
  const decoded = type.decode(bytes);
  const again = type.toObject(type.decode(type.encode(decoded).finish()));
  assert.deepEqual(again, type.toObject(decoded));
  const message = type.toObject(decoded, { longs: String }) as Message;
  const symbols = message.symbols ?? [];
  if (version === "2.0") {
    assert.equal(symbols[0], "", "the first symbol is empty");
    assert.equal(new Set(symbols).size, symbols.length, "symbols are unique");
  }
  const text = (index: number): string => {
    const symbol = symbols[index];
    assert.ok(symbol !== undefined, `symbol ${index} exists`);
    return symbol;
  };
  const pairs = (
    { labels, labels_refs }: {
      labels?: { name: string; value: string }[];
      labels_refs?: number[];
    },
  ): [string, string][] => {
    const all: [string, string][] = version === "1.0"
      ? (labels ?? []).map(({ name, value }) => [name, value])
      : Array.from({ length: (labels_refs?.length ?? 0) / 2 }, (_, i) => [
        text(labels_refs![2 * i]!),
        text(labels_refs![2 * i + 1]!),
      ]);
    for (const [i, [name, value]] of all.entries()) {
      assert.ok(name !== "" && value !== "", "no label is empty");
      if (i === 0) continue;
      const order = Buffer.compare(
        Buffer.from(all[i - 1]![0]),
        Buffer.from(name),
      );
      assert.ok(order < 0, "labels are sorted by the bytes of their names");
    }
    return all;
  };
  const series = (message.timeseries ?? []).map((one): SeenSeries => {
    const { samples = [], histograms = [], exemplars = [], metadata } = one;
    assert.equal(samples.length + histograms.length, 1, "one point");
    const labels = Object.fromEntries(pairs(one));
    const [sample] = samples;
    const [point] = histograms;
    const histogram = point === undefined ? undefined : histogramOf(point);
    const start = Number(
      sample?.start_timestamp ?? histogram?.start_timestamp ?? 0,
    );
    assert.equal(Number(one.created_timestamp ?? 0), start);
    return {
      id: idOf(labels),
      labels,
      value: sample === undefined ? undefined : numberOf(sample.value),
      histogram,
      time: Number(sample?.timestamp ?? histogram?.timestamp),
      start,
      exemplars: exemplars.map((exemplar) => ({
        labels: Object.fromEntries(pairs(exemplar)),
        value: numberOf(exemplar.value),
        timestamp: Number(exemplar.timestamp),
      })),
      metadata: metadata === undefined ? undefined : {
        type: metadata.type,
        help: text(metadata.help_ref ?? 0),
        unit: text(metadata.unit_ref ?? 0),
      },
    };
  });
  const families = (message.metadata ?? []).map((
    { metric_family_name, type, help, unit },
  ) =>
    [metric_family_name, { type: type ?? 0, help, unit: unit ?? "" }] as const
  );
  assert.equal(new Set(families.map(([name]) => name)).size, families.length);
  return { version, series, metadata: Object.fromEntries(families) };
}

/** Returns a series as PromQL writes it, without the labels of the target. */
function idOf(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = "", ...others } = labels;
  const pairs = Object.entries(others)
    .filter(([label]) => label !== "job" && label !== "instance")
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

/** Returns the number with these bits. */
function numberOf(bits = "0"): SeenNumber {
  const all = BigInt(bits);
  if (all === 0x7ff0000000000002n) return "stale";
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, all);
  const value = view.getFloat64(0);
  if (!Number.isNaN(value)) return value;
  assert.equal(all, 0x7ff8000000000001n, "the only NaN besides the marker");
  return "NaN";
}

function histogramOf(message: Record<string, unknown>): SeenHistogram {
  const numbers = (value: unknown): unknown =>
    typeof value === "string"
      ? Number(value)
      : Array.isArray(value)
      ? value.map(numbers)
      : value;
  const { sum, ...others } = message;
  const fields = Object.entries(others).map(([name, value]) =>
    [name, numbers(value)] as const
  );
  return {
    ...Object.fromEntries(fields),
    sum: numberOf(sum as string | undefined),
  } as SeenHistogram;
}
