/** What both encodings of OTLP have in common. */
import type {
  Attributes,
  SpanKind,
  SpanRecord,
  SpanStatus,
} from "../trace/mod.ts";

/** Spans of one tracer. */
export interface ScopeSpans {
  readonly scope: SpanRecord["scope"];
  readonly spans: readonly SpanRecord[];
}

/** Numbers of `SpanKind` in OTLP. */
export const KINDS: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** Numbers of `StatusCode` in OTLP. */
export const CODES: Readonly<Record<SpanStatus["code"], number>> = {
  unset: 0,
  ok: 1,
  error: 2,
};

const SAMPLED = 0x1;
const KNOWS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** The flags of a span: W3C's, and whether its parent is of elsewhere. */
export function flagsOf({ context, parentIsRemote }: SpanRecord): number {
  return KNOWS_REMOTE | (context.sampled ? SAMPLED : 0) |
    (parentIsRemote ? IS_REMOTE : 0);
}

/**
 * Nanoseconds of unix seconds. By way of microseconds, because a float64 of
 * this century's seconds has no more.
 */
export function nanoseconds(seconds: number): bigint {
  const micros = Math.round(seconds * 1e6);
  return micros > 0 && micros < 2 ** 53 ? BigInt(micros) * 1000n : 0n;
}

/** The spans by the tracers that made them, in the order of their first. */
export function byScope(spans: readonly SpanRecord[]): ScopeSpans[] {
  const groups = new Map<
    string,
    { scope: SpanRecord["scope"]; spans: SpanRecord[] }
  >();
  for (const span of spans) {
    const { scope } = span;
    const key = JSON.stringify([scope.name, scope.version]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { scope, spans: [span] });
    else group.spans.push(span);
  }
  return [...groups.values()];
}

/** Whether a number is written as an integer; -0 is, as 0. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** How spans are written: a content type, and the bytes of a request. */
export interface Encoding {
  /** Exactly as collectors compare it. */
  readonly contentType: string;
  /** The body of a request that tells of `spans` of one process. */
  encode(
    spans: readonly SpanRecord[],
    resource: Attributes,
  ): Uint8Array<ArrayBuffer>;
  /** How many spans an answer says it has not taken; 0 if it says nothing. */
  rejectedIn(answer: Uint8Array): number;
}
