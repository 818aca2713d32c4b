/** A trace with the spans that have ended so far. */
import type { SpanRecord } from "../../trace/mod.ts";
import { lengthOf, ownParts } from "./own_time.ts";

/** Bytes of a span without attributes, events and links: measured, rounded up. */
const SPAN_BYTES = 380;
/** Estimated bytes of an attribute without the text of its value. */
const ATTRIBUTE_BYTES = 24;
/** Estimated bytes of an event or a link without attributes. */
const ITEM_BYTES = 80;
/** Bytes of a UTF-16 code unit, the most that a text takes. */
const UNIT_BYTES = 2;

type Texts = Readonly<Record<string, unknown>>;

/** Returns the estimated bytes that `record` takes in memory. */
export function bytesOf(record: SpanRecord): number {
  const { attributes, events, links } = record;
  let bytes = SPAN_BYTES + attributeBytes(attributes) +
    UNIT_BYTES * (record.name.length + record.status.message.length);
  for (const { name, attributes } of events) {
    bytes += ITEM_BYTES + UNIT_BYTES * name.length + attributeBytes(attributes);
  }
  for (const { context, attributes } of links) {
    bytes += ITEM_BYTES + UNIT_BYTES * context.traceState.length +
      attributeBytes(attributes);
  }
  return bytes;
}

function attributeBytes(attributes: Texts): number {
  let bytes = 0;
  for (const name in attributes) {
    const value = attributes[name];
    bytes += ATTRIBUTE_BYTES;
    if (typeof value === "string") bytes += UNIT_BYTES * value.length;
    else if (typeof value === "object") {
      for (const item of value as readonly unknown[]) {
        bytes += 8;
        if (typeof item === "string") bytes += UNIT_BYTES * item.length;
      }
    }
  }
  return bytes;
}

/** A trace that is kept, or that is still open. */
export class KeptTrace {
  readonly id: string;
  readonly records: SpanRecord[] = [];
  /** The service of each record. */
  readonly services: string[] = [];
  /** Whether a span that has ended makes further spans likely. */
  isOpen = false;
  /** Number of lists that hold the trace. */
  holders = 0;
  bytes = 0;
  /** Spans beyond the limits of one trace. */
  lost = 0;
  failed = false;
  /** The tick at which the last span ended. */
  touched = 0;
  #root: SpanRecord | undefined;
  #first: SpanRecord | undefined;
  #ownTimes: readonly number[] | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether a span without a parent in this process has ended. */
  get hasRoot(): boolean {
    return this.#root !== undefined;
  }

  /**
   * The earliest span that has no parent in this process; of a trace without
   * one, the earliest span.
   */
  get root(): SpanRecord {
    return this.#root ?? this.#first!;
  }

  /** Seconds of the root; of a trace without one, from first start to last end. */
  get seconds(): number {
    const root = this.#root;
    if (root !== undefined) return root.end - root.start;
    let end = -Infinity;
    for (const record of this.records) end = Math.max(end, record.end);
    return end - this.#first!.start;
  }

  /** Adds a span that has ended. */
  add(record: SpanRecord, service: string, bytes: number): void {
    this.records.push(record);
    this.services.push(service);
    this.bytes += bytes;
    this.#ownTimes = undefined;
    if (record.status.code === "error") this.failed = true;
    const { start } = record;
    if (this.#first === undefined || start < this.#first.start) {
      this.#first = record;
    }
    if (record.parentSpanId !== "" && !record.parentIsRemote) return;
    if (this.#root === undefined || start < this.#root.start) {
      this.#root = record;
    }
  }

  /** Returns the seconds of each record that no child covers. */
  ownTimes(): readonly number[] {
    return this.#ownTimes ??= ownParts(
      this.records.map(({ context, parentSpanId, start, end }) => ({
        id: context.spanId,
        parent: parentSpanId,
        start,
        end,
      })),
    ).map(lengthOf);
  }
}
