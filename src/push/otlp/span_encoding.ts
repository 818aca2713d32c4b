/** Shared parts of the JSON and protobuf encodings of OTLP spans. */
import type { SpanKind, SpanRecord, SpanStatus } from "../../trace/mod.ts";
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
