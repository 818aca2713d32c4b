/**
 * Keeps traces for as long as a page may show them.
 *
 * - One keeper a process: traces cross the services of a process, and copies of
 *   this module share it.
 * - Spans are assembled by trace id. A trace closes a moment after its last span;
 *   a later span opens it again, so that background work is not lost.
 * - Memory is bounded exactly, by estimated bytes. Every span that has ended is
 *   kept, was evicted, or is counted as lost.
 */
import type { Timers } from "../../base/mod.ts";
import { processWide } from "../../base/internal.ts";
import type { SpanRecord, Tracer } from "../../trace/mod.ts";
import {
  followMirrored,
  publishedTracers,
  quietListener,
} from "../../trace/internal.ts";
import { bytesOf, KeptTrace } from "./kept_trace.ts";
import { type ListName, TraceLists } from "./lists.ts";

/** Seconds of a tick, the keeper's unit of time. */
const TICK = 0.5;
/** Ticks from the last end to closing: at least 2 s. */
const CLOSING = 5;
/** The same for a trace whose root has not ended. */
const ROOTLESS = 120;
/** Ticks of a window of the slowest traces. */
const WINDOW = 600;
/** Maximum number of traces that are open; the oldest one closes early. */
const MAX_OPEN = 2000;
/** Maximum number of spans of a trace. */
const MAX_SPANS = 500;
/** Share of the bytes for open traces, and for one trace. */
const OPEN_SHARE = 1 / 2;
const TRACE_SHARE = 1 / 8;

/** Bytes for all traces, unless a page asks for more. */
export const DEFAULT_BYTES = 4 * 2 ** 20;

/** Numbers of spans since the keeper was made. */
export interface KeeperStats {
  /** Spans that have ended. */
  readonly ended: number;
  /** Spans of traces that made room for others. */
  readonly evicted: number;
  /** Spans beyond the limits of one trace. */
  readonly lost: number;
  /** Spans, estimated bytes and traces that are kept now. */
  readonly spans: number;
  readonly bytes: number;
  readonly open: number;
}

/** A page that shows traces. */
export interface TraceReader {
  readonly tracer: Tracer;
  /** Name of the service of `tracer`. Default: the name of the tracer. */
  readonly service?: string | undefined;
  readonly timers: Timers;
  /** Maximum number of estimated bytes; the largest of all pages holds. */
  readonly bytes?: number | undefined;
}

/** Keeps the traces of all tracers that are attached. */
export class TraceKeeper {
  readonly #traces = new Map<string, KeptTrace>();
  /** Open traces, the one that opened first at the front. */
  readonly #open = new Set<KeptTrace>();
  readonly #lists = new TraceLists((trace) => this.#released(trace));
  readonly #readers = new Set<TraceReader>();
  readonly #followed = new Map<Tracer, Disposable>();
  readonly #listeners = new Set<(trace: KeptTrace) => void>();
  #stopTicks: (() => void) | undefined;
  #tick = 0;
  #max = DEFAULT_BYTES;
  #openBytes = 0;
  #bytes = 0;
  #ended = 0;
  #evicted = 0;
  #lost = 0;
  #spans = 0;

  get stats(): KeeperStats {
    return {
      ended: this.#ended,
      evicted: this.#evicted,
      lost: this.#lost,
      spans: this.#spans,
      bytes: this.#bytes,
      open: this.#open.size,
    };
  }

  /** Numbers of traces, by list. */
  get counts(): Readonly<Record<ListName, number>> {
    return this.#lists.counts;
  }

  /** Returns a list: the newest first, or the slowest first. */
  traces(list: ListName): KeptTrace[] {
    return this.#lists.traces(list);
  }

  /** Returns a trace that is kept or open. */
  trace(id: string): KeptTrace | undefined {
    return this.#traces.get(id);
  }

  /**
   * Calls `listener` with each trace that closes, again if it has opened again.
   * The listener must not throw.
   */
  onTrace(listener: (trace: KeptTrace) => void): Disposable {
    const own = (trace: KeptTrace): void => listener(trace);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /**
   * Keeps the spans of `reader.tracer`, and of all tracers whose spans are
   * published as events, until the result is disposed. After the last one, the
   * keeper is empty.
   */
  attach(reader: TraceReader): Disposable {
    // A copy: each page is one reader, whatever object it passes.
    const own = { ...reader, tracer: reader.tracer.origin };
    this.#readers.add(own);
    this.#readersChanged();
    return {
      [Symbol.dispose]: () => {
        if (this.#readers.delete(own)) this.#readersChanged();
      },
    };
  }

  /** Adds a span that has ended. Never throws. */
  add(record: SpanRecord, service: string): void {
    this.#ended++;
    const id = record.context.traceId;
    const bytes = bytesOf(record);
    const known = this.#traces.get(id);
    const used = known?.bytes ?? 0;
    const isFull = known !== undefined && known.records.length >= MAX_SPANS;
    if (isFull || used + bytes > this.#max * TRACE_SHARE) {
      this.#lost++;
      if (known !== undefined) known.lost++;
      return;
    }
    const trace = known ?? new KeptTrace(id);
    if (known === undefined) this.#traces.set(id, trace);
    if (!trace.isOpen) {
      trace.isOpen = true;
      this.#open.add(trace);
      this.#openBytes += used;
    }
    trace.add(record, service, bytes);
    trace.touched = this.#tick;
    this.#spans++;
    this.#bytes += bytes;
    this.#openBytes += bytes;
    this.#makeRoom();
  }

  /** Closes the traces to which nothing has been added for a while. */
  sweep(): void {
    this.#tick++;
    for (const trace of this.#open) {
      const wait = trace.hasRoot ? CLOSING : ROOTLESS;
      if (this.#tick - trace.touched >= wait) this.#close(trace);
    }
    this.#followTracers();
  }

  /** Closes open traces early, and evicts closed ones, until the bounds hold. */
  #makeRoom(): void {
    while (
      this.#open.size > MAX_OPEN || this.#openBytes > this.#max * OPEN_SHARE
    ) {
      const [first] = this.#open;
      this.#close(first!);
    }
    while (this.#bytes > this.#max && this.#lists.shorten());
  }

  #close(trace: KeptTrace): void {
    this.#open.delete(trace);
    this.#openBytes -= trace.bytes;
    trace.isOpen = false;
    this.#lists.add(trace, Math.floor(this.#tick / WINDOW));
    for (const listener of this.#listeners) listener(trace);
  }

  #released(trace: KeptTrace): void {
    // An open trace returns to the lists when it closes.
    if (trace.isOpen) return;
    this.#traces.delete(trace.id);
    this.#bytes -= trace.bytes;
    this.#spans -= trace.records.length;
    this.#evicted += trace.records.length;
  }

  #readersChanged(): void {
    this.#stopTicks?.();
    // The newest page: its timers are those after a hot reload.
    const reader = [...this.#readers].at(-1);
    this.#stopTicks = reader?.timers.every(TICK, () => this.sweep());
    const sizes = [...this.#readers].map(({ bytes = DEFAULT_BYTES }) => bytes);
    this.#max = Math.max(0, ...sizes) || DEFAULT_BYTES;
    this.#followTracers();
    if (reader === undefined) this.#empty();
    else this.#makeRoom();
  }

  #empty(): void {
    for (const trace of this.#open) this.#close(trace);
    while (this.#lists.shorten());
  }

  /** Listens to the tracers that are wanted now, and to no others. */
  #followTracers(): void {
    const wanted = new Map<Tracer, string>();
    if (this.#readers.size > 0) {
      for (const tracer of publishedTracers()) wanted.set(tracer, tracer.name);
    }
    for (const { tracer, service } of this.#readers) {
      wanted.set(tracer, service ?? tracer.name);
    }
    for (const [tracer, following] of this.#followed) {
      if (wanted.has(tracer)) continue;
      following[Symbol.dispose]();
      this.#followed.delete(tracer);
    }
    for (const [tracer, service] of wanted) {
      if (this.#followed.has(tracer)) continue;
      this.#followed.set(tracer, this.#follow(tracer, service));
    }
  }

  #follow(tracer: Tracer, service: string): Disposable {
    const ended = quietListener((record: SpanRecord) =>
      this.add(record, service)
    );
    const ends = tracer.onEnd(ended);
    const mirrored = followMirrored(tracer, { started: () => {}, ended });
    return {
      [Symbol.dispose]: () => {
        ends[Symbol.dispose]();
        mirrored[Symbol.dispose]();
      },
    };
  }
}

/** Returns the keeper of this process. */
export function traceKeeper(): TraceKeeper {
  return processWide(
    Symbol.for("barograph.traces.1"),
    () => new TraceKeeper(),
  );
}
