/** The tracers of a process whose spans somebody listens to. */
import { processWide } from "../base/internal.ts";
import type { Tracer } from "./api.ts";

/**
 * Returns the tracers whose spans are published as events, for pages that show
 * the traces of the whole process. Copies of this module share the set.
 */
export function publishedTracers(): Set<Tracer> {
  return processWide(Symbol.for("barograph.tracers.1"), () => new Set());
}
