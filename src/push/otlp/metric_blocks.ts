/** The metrics of a pass by scope, and their division into requests. */
import type { Attributes } from "../../trace/mod.ts";
import type { Change } from "./delta_memory.ts";
import type {
  MetricEncoding,
  MetricHead,
  MetricScope,
  MetricWriter,
} from "./metric_encoding.ts";

/** A metric of a scope as it was written. */
interface Written {
  /** The position of its end in the writer. */
  readonly end: number;
  readonly points: number;
  /** Changes of the memory once it is accepted. */
  readonly changes: readonly Change[];
}

/** A request with metrics. */
export interface EncodedMetrics {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly points: number;
  /** Changes of the memory once it is accepted. */
  readonly changes: readonly Change[];
}

/** The metrics of one scope, while they are written. */
export class ScopeMetrics {
  readonly scope: MetricScope;
  readonly writer: MetricWriter;
  readonly #metrics: Written[] = [];
  #head: MetricHead | undefined;
  #begin = 0;
  #points = 0;
  #changes: Change[] = [];
  #mark = 0;

  constructor(scope: MetricScope, writer: MetricWriter) {
    this.scope = scope;
    this.writer = writer;
  }

  /**
   * Returns the writer for the next point of a metric, which begins a new one if
   * the last one has more than `maxBytes`. `change` is made once it is accepted.
   */
  point(head: MetricHead, maxBytes: number, change?: Change): MetricWriter {
    const { out } = this.writer;
    if (this.#head !== head || out.length - this.#begin > maxBytes) {
      this.end();
      this.#head = head;
      this.#begin = out.length;
      this.writer.begin(head);
    }
    this.#points++;
    if (change !== undefined) this.#changes.push(change);
    return this.writer;
  }

  /** Ends the metric, if one was begun. */
  end(): void {
    if (this.#head === undefined) return;
    this.writer.end();
    const points = this.#points;
    const changes = this.#changes;
    this.#metrics.push({ end: this.writer.out.length, points, changes });
    this.#reset();
  }

  /** Marks the point to which `rollback` returns. */
  mark(): void {
    this.end();
    this.#mark = this.#metrics.length;
  }

  /** Undoes everything since `mark`. */
  rollback(): void {
    this.#reset();
    this.#metrics.length = this.#mark;
    this.writer.out.rollback(this.#metrics.at(-1)?.end ?? 0);
  }

  #reset(): void {
    this.#head = undefined;
    this.#points = 0;
    this.#changes = [];
  }

  /** Calls `take` with each metric. */
  each(take: (metric: Uint8Array, written: Written) => void): void {
    this.end();
    const bytes = this.writer.out.slice();
    let begin = 0;
    for (const metric of this.#metrics) {
      take(bytes.subarray(begin, metric.end), metric);
      begin = metric.end;
    }
  }
}

/** The part of a request that is collected so far. */
interface Draft {
  readonly blocks: { scope: MetricScope; metrics: Uint8Array[] }[];
  readonly changes: Change[];
  points: number;
  bytes: number;
}

/** Returns requests of at most `maxBytes` each, if single metrics allow that. */
export function requestsOf(
  scopes: Iterable<ScopeMetrics>,
  resource: Attributes,
  encoding: MetricEncoding,
  maxBytes: number,
): EncodedMetrics[] {
  const requests: EncodedMetrics[] = [];
  const frame = encoding.request(resource, []).length + FRAME_BYTES;
  const begin = (): Draft => ({
    blocks: [],
    changes: [],
    points: 0,
    bytes: frame,
  });
  let draft = begin();
  const finish = (): void => {
    const { blocks, points, changes } = draft;
    if (points === 0) return;
    requests.push({
      body: encoding.request(resource, blocks),
      points,
      changes,
    });
    draft = begin();
  };
  for (const block of scopes) {
    const { scope } = block;
    const scopeBytes = JSON.stringify(scope).length * 3 + FRAME_BYTES;
    block.each((metric, { points, changes }) => {
      const size = scopeBytes + metric.length;
      if (draft.bytes + size > maxBytes) finish();
      if (draft.blocks.at(-1)?.scope !== scope) {
        draft.blocks.push({ scope, metrics: [] });
        draft.bytes += scopeBytes;
      }
      draft.blocks.at(-1)!.metrics.push(metric);
      draft.bytes += metric.length + 1;
      draft.points += points;
      for (const change of changes) draft.changes.push(change);
    });
  }
  finish();
  return requests;
}

/** More than the names of members and the lengths of messages need. */
const FRAME_BYTES = 256;
