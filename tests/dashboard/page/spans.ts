/** Spans of traces for tests of the page. */
import type { TraceSpan } from "../../../src/dashboard/protocol_traces.ts";
import * as fc from "../../support/property.ts";

/** Returns a span of 10 ms, by default without a parent. */
export function spanOf(init: Partial<TraceSpan> = {}): TraceSpan {
  const { ms = 10 } = init;
  return {
    id: "0",
    parent: "",
    name: "work",
    kind: "internal",
    service: "shop",
    startMs: 0,
    ms,
    ownMs: ms,
    failed: false,
    error: "",
    attributes: {},
    events: [],
    links: [],
    countedIn: null,
    ...init,
  };
}

/** Any spans: circles, missing parents, equal ids, many alike. */
export function anySpans(max = 60): fc.Arbitrary<TraceSpan[]> {
  return fc.array(
    fc.record({
      id: fc.nat({ max }).map(String),
      parent: fc.oneof(
        fc.constantFrom("", "missing", "0", "1"),
        fc.nat({ max }).map(String),
      ),
      name: fc.constantFrom("a", "a", "b"),
      startMs: fc.nat({ max: 1000 }),
      ms: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 100_000 })),
      failed: fc.boolean(),
    }),
    { minLength: 1, maxLength: max },
  ).map((spans) => spans.map(spanOf));
}
