/** Rules of options that several factories of this folder share. */
import { ofType, type OptionRule, withMethods } from "../base/internal.ts";
import { type BareRegistry, DEFAULT_BUCKETS } from "../metrics/mod.ts";
import type { Tracer } from "../trace/mod.ts";

/** A registry. No default: the default registry is created at first use. */
export const REGISTRY: OptionRule<BareRegistry | undefined> = ofType<
  BareRegistry
>(
  ["object"],
  "a registry, such as createRegistry()",
);

/** Bucket bounds of a duration in seconds. */
export const BUCKETS: OptionRule<readonly number[]> = ofType(
  ["array", "object"],
  "a list of seconds, such as [0.1, 1]",
  DEFAULT_BUCKETS,
);

/** A tracer; undefined for no spans. */
export const TRACER: OptionRule<Tracer | undefined> = withMethods<Tracer>(
  ["start", "named"],
  "a tracer, such as createTracer()",
);
