/** Shared parts of the JSON and protobuf encodings of OTLP spans. */
import type {
  Attributes,
  SpanKind,
  SpanRecord,
  SpanStatus,
} from "../trace/mod.ts";
import { checkedText } from "./checked.ts";

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
  if (typeof seconds !== "number") return 0n;
  const micros = Math.round(seconds * 1e6);
  return micros > 0 && micros < 2 ** 53 ? BigInt(micros) * 1000n : 0n;
}

/**
 * Groups spans by tracer, in the order of the first span of each. Adds an error
 * to `faults` for each span that is left out.
 */
export function byScope(
  spans: readonly SpanRecord[],
  faults: unknown[],
): ScopeSpans[] {
  const groups = new Map<
    string,
    { scope: SpanRecord["scope"]; spans: SpanRecord[] }
  >();
  for (const span of spans) {
    try {
      const { name, version } = span.scope;
      const scope = { name: checkedText(name), version: checkedText(version) };
      const key = JSON.stringify([name, version]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { scope, spans: [span] });
      else group.spans.push(span);
    } catch (error) {
      faults.push(error);
    }
  }
  return [...groups.values()];
}

/** Returns whether a number is encoded as an integer; -0 becomes 0. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** A request with spans. */
export interface EncodedSpans {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Why spans were left out: an error for each of them. */
  readonly faults: readonly unknown[];
}

/** The part of a response that reports about spans. */
export interface PartialSuccess {
  /** Number of rejected spans; 0 if missing. */
  readonly rejected: number;
  /** Why they were rejected, or a warning; empty if missing. */
  readonly words: string;
}

/** A response without a report: all spans were accepted. */
export const WHOLE_SUCCESS: PartialSuccess = { rejected: 0, words: "" };

/** An encoding of OTLP requests with spans. */
export interface SpanEncoding {
  /** The content type, exactly as collectors compare it. */
  readonly contentType: string;
  /**
   * Encodes a request with `spans` of one resource. Leaves out a span that is
   * malformed or throws when it is read.
   */
  encode(spans: readonly SpanRecord[], resource: Attributes): EncodedSpans;
  /** Reads the body of a response with status 2xx; never throws. */
  partialSuccessIn(answer: Uint8Array): PartialSuccess;
  /** Reads the message of a `Status`, the body of other responses; never throws. */
  messageIn(answer: Uint8Array): string;
}
