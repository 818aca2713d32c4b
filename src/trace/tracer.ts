/** Creates tracers, and records operations in the active span. */
import {
  CLOCK,
  ofType,
  readOptions,
  type SchemaOf,
  text,
  wholeNumber,
} from "../base/internal.ts";
import { activeSpan } from "./active.ts";
import type { SpanLimits, Start, Tracer, TracerOptions } from "./api.ts";
import { type Random, systemRandom } from "./ids.ts";
import { alwaysOn, parentBased, type Sampler } from "./sampler.ts";
import { TracerCore } from "./tracer_core.ts";

const ACTION = "Cannot make a tracer";

const OPTIONS = {
  name: text("shop", "barograph"),
  version: text("1.2.0", ""),
  sampler: ofType<Sampler>(
    ["function"],
    "a function, such as parentBased(ratio(0.1))",
    parentBased(alwaysOn),
  ),
  limits: ofType<NonNullable<TracerOptions["limits"]>>(
    ["object"],
    "an object, such as { attributes: 128 }",
    {},
  ),
  clock: CLOCK,
  random: ofType<Random>(
    ["function"],
    "a function, such as (bytes) => crypto.getRandomValues(bytes)",
    systemRandom,
  ),
} satisfies SchemaOf<TracerOptions>;

const LIMITS = {
  attributes: wholeNumber(128, 0),
  events: wholeNumber(128, 0),
  links: wholeNumber(128, 0),
  valueLength: wholeNumber(4096, 0),
  totalLength: wholeNumber(65_536, 0),
} satisfies SchemaOf<SpanLimits>;

/**
 * Creates a tracer, which starts spans and notifies listeners.
 *
 * - Without a listener nothing is recorded; the context of a caller is still
 *   propagated.
 * - Exceptions and rejections of listeners and samplers are counted; they do not
 *   reach the work.
 *
 * ```ts
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const tracer = createTracer({ name: "shop" });
 * using _ = tracer.onEnd((record) => console.log(record.name, record.status));
 * await tracer.run("checkout", async (span) => {
 *   span.setAttribute("cart.items", 3);
 *   await Promise.resolve(); // the span is still active, also in callees
 * });
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function createTracer(options: TracerOptions = {}): Tracer {
  const { name, version, limits, ...rest } = readOptions(
    ACTION,
    OPTIONS,
    options,
  );
  const core = new TracerCore({
    ...rest,
    limits: readOptions(`${ACTION}: limits`, LIMITS, limits),
  });
  return core.named(name, version);
}

/**
 * Records a finished call or query as a child of the active span, like
 * `Tracer.record`. Does nothing if there is no active span. Never throws.
 *
 * ```ts
 * import { record, stopwatch } from "@barograph/barograph";
 *
 * const watch = stopwatch();
 * // … a query …
 * record("db.pets.list", watch);
 * ```
 */
export function record(name: string, start: Start, error?: unknown): void {
  activeSpan()?.tracer.record(name, start, error);
}
