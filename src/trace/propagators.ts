/**
 * The formats in which contexts travel between services, as values. A program
 * that chooses none uses W3C trace context and baggage.
 */
import { formatBaggage, NO_BAGGAGE, parseBaggage } from "./baggage.ts";
import {
  injectContext,
  parentIn,
  type Propagator,
  textOf,
} from "./propagate.ts";

/** W3C trace context: the headers `traceparent` and `tracestate`. */
export const w3cTraceContext: Propagator = {
  fields: ["traceparent", "tracestate"],
  parent: parentIn,
  inject: (headers, context) => injectContext(headers, context, NO_BAGGAGE),
};

/** W3C baggage: the header `baggage`. */
export const w3cBaggage: Propagator = {
  fields: ["baggage"],
  baggage: (headers) => parseBaggage(textOf(headers.get("baggage"))),
  inject(headers, _context, baggage) {
    const header = baggage.size === 0 ? "" : formatBaggage(baggage);
    if (header !== "") headers.set("baggage", header);
  },
};
