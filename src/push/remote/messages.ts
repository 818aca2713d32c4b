/**
 * The messages of remote write: `io.prometheus.write.v2.Request` of 2.0 and
 * `prometheus.WriteRequest` of 1.0.
 *
 * Source: "Prometheus Remote-Write 2.0 specification" (release candidate 4) and
 * "Prometheus Remote-Write 1.0 specification", with the field numbers of the
 * published schemas. Exemplars, native histograms and metadata are not in the
 * text of 1.0, but its receivers read them.
 */
import { ByteWriter } from "../../base/mod.ts";
import {
  escapedLabel,
  escapedMetric,
  ProtoWriter,
} from "../../base/internal.ts";
import type { Exemplar } from "../../model/mod.ts";
import { compareUtf8 } from "./labels.ts";
import { toMilliseconds } from "./milliseconds.ts";
import type { Family, Point } from "./series.ts";

/** Writes the points of one time as a message. */
export type MessageWriter = (
  points: readonly Point[],
  time: number,
) => Uint8Array;

const FIXED_64 = 1;

/** NaN in the only form that is no marker: other bits have other meanings. */
const NOT_A_NUMBER = [1, 0, 0, 0, 0, 0, 0xf8, 0x7f];

/** The NaN that ends a series. A JavaScript number would lose its bits. */
const STALE = [2, 0, 0, 0, 0, 0, 0xf0, 0x7f];

/** A writer of the field types of these messages. */
export class MessageFields extends ProtoWriter {
  /** Writes a double; undefined is the stale marker. */
  float(field: number, value: number | undefined): void {
    if (value !== undefined && !Number.isNaN(value)) {
      return this.double(field, value);
    }
    this.varint(field << 3 | FIXED_64);
    for (const byte of value === undefined ? STALE : NOT_A_NUMBER) {
      this.out.byte(byte);
    }
  }

  /** Writes fields that are encoded already. */
  raw(bytes: Uint8Array): void {
    this.out.append(bytes);
  }

  /** Writes a packed list of integers (uint32): the references of texts. */
  references(
    field: number,
    texts: readonly string[],
    referenceOf: (text: string) => number,
  ): void {
    const at = this.open(field);
    for (const text of texts) this.varint(referenceOf(text));
    this.close(at);
  }
}

/** Writes a message of 2.0. Each string stands once in it, as a symbol. */
export function writeRequest2(
  points: readonly Point[],
  time: number,
): Uint8Array {
  const out = new ByteWriter();
  const fields = new MessageFields(out);
  const symbols = new Map([["", 0]]);
  const reference = (text: string): number => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  for (const { series, value, start, exemplars } of points) {
    const { labels, isHistogram, family } = series;
    const message = fields.open(5);
    fields.references(1, labels, reference);
    if (isHistogram) writeHistogram(fields, 3, value, time, start);
    else {
      const sample = fields.open(2);
      fields.float(1, value as number | undefined);
      fields.unsigned(2, time);
      if (start > 0) fields.unsigned(3, start);
      fields.close(sample);
    }
    for (const exemplar of exemplars) {
      const at = fields.open(4);
      fields.references(1, pairsOf(exemplar), reference);
      writeExemplarValue(fields, exemplar);
      fields.close(at);
    }
    const metadata = fields.open(5);
    fields.unsigned(1, family.type);
    fields.unsigned(3, reference(family.help));
    fields.unsigned(4, reference(family.unit));
    fields.close(metadata);
    // Up to release candidate 3 the start time stood here. Receivers of either
    // age ignore the other field.
    if (start > 0) fields.unsigned(6, start);
    fields.close(message);
  }
  const body = out.take();
  for (const symbol of symbols.keys()) fields.string(4, symbol);
  out.append(body);
  return out.take();
}

/** Writes a message of 1.0. Its names are escaped, since they must be classic. */
export function writeRequest1(
  points: readonly Point[],
  time: number,
): Uint8Array {
  const out = new ByteWriter();
  const fields = new MessageFields(out);
  /** By name: a series that has ended has an older description. */
  const families = new Map<string, Family>();
  for (const { series, value, exemplars } of points) {
    const { labels, family } = series;
    families.set(family.name, family);
    const message = fields.open(1);
    writePairs(fields, family.isClassic ? labels : escapedPairs(labels));
    if (series.isHistogram) writeHistogram(fields, 4, value, time, 0);
    else {
      const sample = fields.open(2);
      fields.float(1, value as number | undefined);
      fields.unsigned(2, time);
      fields.close(sample);
    }
    for (const exemplar of exemplars) {
      const at = fields.open(3);
      writePairs(fields, pairsOf(exemplar));
      writeExemplarValue(fields, exemplar);
      fields.close(at);
    }
    fields.close(message);
  }
  for (const { name, type, help, unit } of families.values()) {
    const at = fields.open(3);
    fields.unsigned(1, type);
    fields.string(2, escapedMetric(name, "underscores"));
    fields.string(4, help);
    fields.string(5, unit);
    fields.close(at);
  }
  return out.take();
}

function writeHistogram(
  fields: MessageFields,
  field: number,
  value: Point["value"],
  time: number,
  start: number,
): void {
  const message = fields.open(field);
  if (value === undefined) fields.float(3, undefined);
  else fields.raw(value as Uint8Array);
  fields.unsigned(15, time);
  if (start > 0) fields.unsigned(17, start);
  fields.close(message);
}

function writeExemplarValue(
  fields: MessageFields,
  { value, timestamp }: Exemplar,
): void {
  fields.float(2, value);
  fields.unsigned(3, toMilliseconds(timestamp));
}

/** Writes labels as messages of a name and a value. */
function writePairs(fields: MessageFields, pairs: readonly string[]): void {
  for (let at = 0; at < pairs.length; at += 2) {
    const pair = fields.open(1);
    fields.string(1, pairs[at]!);
    fields.string(2, pairs[at + 1]!);
    fields.close(pair);
  }
}

/** Returns labels with classic names, by rising name. */
function escapedPairs(labels: readonly string[]): readonly string[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    const value = labels[at + 1]!;
    pairs.push([
      escapedLabel(name, "underscores"),
      name === "__name__" ? escapedMetric(value, "underscores") : value,
    ]);
  }
  return pairs.sort(([a], [b]) => compareUtf8(a, b)).flat();
}

/** Returns the labels of an exemplar, by rising name. */
function pairsOf({ labels }: Exemplar): string[] {
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => compareUtf8(a, b))
    .flat();
}
