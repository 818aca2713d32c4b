/**
 * The rows of a waterfall: the tree of spans in order of time, with spans that
 * are alike folded, and parents that are not kept as rows.
 *
 * Ids and parents are data of other programs: parents may be missing, be their
 * own children or form circles. Every span is in exactly one row or fold.
 */
import type { TraceSpan } from "../../../src/dashboard/protocol_traces.ts";
import { ownParts } from "../../../src/dashboard/traces/own_time.ts";

/** The most children alike that have one row each. */
const MAX_ALIKE = 20;

interface RowBase {
  readonly key: string;
  readonly depth: number;
  /** Start and end in milliseconds since the start of the trace. */
  readonly from: number;
  readonly to: number;
  /** Own time: begins and ends by turns, in order of time. */
  readonly parts: readonly number[];
  /** Number of failed spans in the row. */
  readonly failed: number;
  readonly service: string;
}

/** A span. */
export interface SpanRow extends RowBase {
  readonly kind: "span";
  readonly span: TraceSpan;
  /** Whether it began after its parent had ended. */
  readonly isLate: boolean;
}

/** Children of one parent that are alike. */
export interface FoldRow extends RowBase {
  readonly kind: "fold";
  readonly name: string;
  readonly spans: readonly TraceSpan[];
  /** Sum of the durations in milliseconds. */
  readonly ms: number;
  readonly isOpen: boolean;
}

/** A parent that is not kept: of another process, not sampled, or lost. */
export interface MissingRow extends RowBase {
  readonly kind: "missing";
  readonly id: string;
}

/** A row of the waterfall. */
export type Row = SpanRow | FoldRow | MissingRow;

/** Makes the rows of a trace. */
export class Tree {
  readonly #sorted: readonly TraceSpan[];
  readonly #children = new Map<string, TraceSpan[]>();
  readonly #roots: (TraceSpan | { readonly missing: string })[] = [];
  readonly #parts = new Map<TraceSpan, readonly number[]>();
  readonly #byId = new Map<string, TraceSpan>();
  readonly #placed = new Set<TraceSpan>();

  constructor(spans: readonly TraceSpan[]) {
    const sorted = [...spans].sort((a, b) => a.startMs - b.startMs);
    this.#sorted = sorted;
    const parts = ownParts(
      sorted.map(({ id, parent, startMs, ms }) => ({
        id,
        parent,
        start: startMs,
        end: startMs + ms,
      })),
    );
    sorted.forEach((span, index) => {
      this.#parts.set(span, parts[index]!);
      if (!this.#byId.has(span.id)) this.#byId.set(span.id, span);
    });
    const missing = new Set<string>();
    for (const span of sorted) {
      const { id, parent } = span;
      if (parent === "" || parent === id) {
        this.#roots.push(span);
        continue;
      }
      if (!this.#byId.has(parent) && !missing.has(parent)) {
        missing.add(parent);
        this.#roots.push({ missing: parent });
      }
      const children = this.#children.get(parent);
      if (children === undefined) this.#children.set(parent, [span]);
      else children.push(span);
    }
  }

  /**
   * Returns the rows. `isOpen` says whether the spans of a fold are shown, too.
   */
  rows(isOpen: (fold: FoldRow) => boolean): Row[] {
    const rows: Row[] = [];
    this.#placed.clear();
    for (const root of this.#roots) {
      if ("missing" in root) this.#addMissing(rows, root.missing, isOpen);
      else this.#addSpan(rows, root, 0, isOpen);
    }
    // No root leads to circles: their earliest spans become roots.
    for (const span of this.#sorted) this.#addSpan(rows, span, 0, isOpen);
    return rows;
  }

  /** Returns a span and all spans above it. */
  pathTo(id: string): Set<TraceSpan> {
    const path = new Set<TraceSpan>();
    let span = this.#byId.get(id);
    while (span !== undefined && !path.has(span)) {
      path.add(span);
      span = this.#byId.get(span.parent);
    }
    return path;
  }

  /** Returns the children of a span; those of an id belong to its first span. */
  #childrenOf(span: TraceSpan): readonly TraceSpan[] {
    if (this.#byId.get(span.id) !== span) return [];
    return this.#children.get(span.id) ?? [];
  }

  #addMissing(
    rows: Row[],
    id: string,
    isOpen: (fold: FoldRow) => boolean,
  ): void {
    const spans = this.#children.get(id)!;
    rows.push({
      kind: "missing",
      key: `missing:${id}`,
      id,
      depth: 0,
      ...extentOf(spans),
      parts: [],
      failed: 0,
      service: "",
    });
    this.#addAll(rows, spans, 1, isOpen);
  }

  #addSpan(
    rows: Row[],
    span: TraceSpan,
    depth: number,
    isOpen: (fold: FoldRow) => boolean,
  ): void {
    if (this.#placed.has(span)) return;
    this.#placed.add(span);
    const parent = this.#byId.get(span.parent);
    rows.push({
      kind: "span",
      key: this.#byId.get(span.id) === span
        ? `span:${span.id}`
        : `span:${span.id}:${rows.length}`,
      span,
      depth,
      from: span.startMs,
      to: span.startMs + span.ms,
      parts: this.#parts.get(span)!,
      failed: span.failed ? 1 : 0,
      service: span.service,
      isLate: parent !== undefined && parent !== span &&
        span.startMs > parent.startMs + parent.ms,
    });
    this.#addAll(rows, this.#childrenOf(span), depth + 1, isOpen);
  }

  #addAll(
    rows: Row[],
    spans: readonly TraceSpan[],
    depth: number,
    isOpen: (fold: FoldRow) => boolean,
  ): void {
    const alike = new Map<string, TraceSpan[]>();
    for (const span of spans) {
      const group = alike.get(alikeKey(span));
      if (group === undefined) alike.set(alikeKey(span), [span]);
      else group.push(span);
    }
    for (const span of spans) {
      const group = alike.get(alikeKey(span))!;
      if (group.length <= MAX_ALIKE) this.#addSpan(rows, span, depth, isOpen);
      else if (group[0] === span) this.#addFold(rows, group, depth, isOpen);
    }
  }

  #addFold(
    rows: Row[],
    spans: readonly TraceSpan[],
    depth: number,
    isOpen: (fold: FoldRow) => boolean,
  ): void {
    const [{ id, name, service }] = spans as [TraceSpan];
    const closed: FoldRow = {
      kind: "fold",
      key: `fold:${id}`,
      name,
      service,
      spans,
      depth,
      ...extentOf(spans),
      parts: merged(spans.flatMap((span) => pairs(this.#parts.get(span)!))),
      failed: spans.filter(({ failed }) => failed).length,
      ms: spans.reduce((sum, { ms }) => sum + ms, 0),
      isOpen: false,
    };
    if (!isOpen(closed)) {
      rows.push(closed);
      this.#placeAll(spans);
      return;
    }
    rows.push({ ...closed, isOpen: true });
    for (const span of spans) this.#addSpan(rows, span, depth + 1, isOpen);
  }

  /** Marks spans in a closed fold, and what is below them. */
  #placeAll(spans: readonly TraceSpan[]): void {
    const queue = [...spans];
    for (let span = queue.pop(); span !== undefined; span = queue.pop()) {
      if (this.#placed.has(span)) continue;
      this.#placed.add(span);
      queue.push(...this.#childrenOf(span));
    }
  }
}

function alikeKey({ name, service, kind }: TraceSpan): string {
  return `${name}\n${service}\n${kind}`;
}

function extentOf(
  spans: readonly TraceSpan[],
): { readonly from: number; readonly to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const { startMs, ms } of spans) {
    from = Math.min(from, startMs);
    to = Math.max(to, startMs + ms);
  }
  return { from, to };
}

function pairs(parts: readonly number[]): [number, number][] {
  const all: [number, number][] = [];
  for (let i = 0; i < parts.length; i += 2) {
    all.push([parts[i]!, parts[i + 1]!]);
  }
  return all;
}

/** Returns the union of intervals, as begins and ends by turns. */
export function merged(
  intervals: readonly (readonly [number, number])[],
): number[] {
  const parts: number[] = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const end = parts.at(-1);
    if (end !== undefined && from <= end) {
      parts[parts.length - 1] = Math.max(end, to);
    } else parts.push(from, to);
  }
  return parts;
}

/** Returns whether a span has `text`, in lower case, in a name or an attribute. */
export function hasText(span: TraceSpan, text: string): boolean {
  const { name, service, error, id, attributes } = span;
  return [name, service, error, id].some((each) =>
    each.toLowerCase().includes(text)
  ) || Object.entries(attributes).some(([name, value]) =>
    name.toLowerCase().includes(text) ||
    String(value).toLowerCase().includes(text)
  );
}
