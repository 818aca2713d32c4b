/** Shared parts of the JSON and protobuf encodings of OTLP spans. */
import type {
  Attributes,
  SpanKind,
  SpanRecord,
  SpanStatus,
} from "../trace/mod.ts";

/** The spans of one tracer. */
export interface ScopeSpans {
  readonly scope: SpanRecord["scope"];
  readonly spans: readonly SpanRecord[];
}

/** Values of the OTLP enum `SpanKind`. */
export const KINDS: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** Values of the OTLP enum `StatusCode`. */
export const CODES: Readonly<Record<SpanStatus["code"], number>> = {
  unset: 0,
  ok: 1,
  error: 2,
};

const SAMPLED = 0x1;
const RANDOM = 0x2;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Returns the flags of a span: W3C trace flags and whether its parent is remote. */
export function flagsOf({ context, parentIsRemote }: SpanRecord): number {
  return HAS_IS_REMOTE | (context.sampled ? SAMPLED : 0) |
    (context.random === true ? RANDOM : 0) |
    (parentIsRemote ? IS_REMOTE : 0);
}

/**
 * Converts unix seconds to nanoseconds, rounded to microseconds, the precision
 * of a float64 of unix seconds. Times that OTLP cannot express become 0.
 */
export function nanoseconds(seconds: number): bigint {
  const micros = Math.round(seconds * 1e6);
  return micros > 0 && micros < 2 ** 53 ? BigInt(micros) * 1000n : 0n;
}

/** Groups spans by tracer, in the order of the first span of each. */
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

/** Returns whether a number is encoded as an integer; -0 becomes 0. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** An encoding of OTLP requests with spans. */
export interface SpanEncoding {
  /** The content type, exactly as collectors compare it. */
  readonly contentType: string;
  /** Encodes a request with `spans` of one resource. */
  encode(
    spans: readonly SpanRecord[],
    resource: Attributes,
  ): Uint8Array<ArrayBuffer>;
  /** Reads the number of rejected spans from a response body; 0 if missing. */
  rejectedIn(answer: Uint8Array): number;
}
