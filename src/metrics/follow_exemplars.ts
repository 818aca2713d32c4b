/** Exemplars of a registry that are sampled from a source, such as a tracer. */
import type { BareRegistry } from "./bare_registry.ts";
import { scopeIn } from "./declarer.ts";
import { type ExemplarSource, samplersOf } from "./exemplars.ts";
import { once } from "./once.ts";

/**
 * Samples exemplars for the counters and histograms of a registry from `source`,
 * until the result is disposed: one per counter or bucket between two scrapes.
 * An exemplar that is passed to `inc` or `observe` takes precedence. A later
 * source replaces an earlier one.
 *
 * @throws {TypeError} If `source` is not a function.
 */
export function followExemplars(
  registry: BareRegistry,
  source: ExemplarSource,
): Disposable {
  if (typeof source !== "function") {
    throw new TypeError(
      `Cannot take exemplars from a ${typeof source}: give a function, ` +
        `such as () => ({ trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" })`,
    );
  }
  const scope = scopeIn(registry);
  if (scope === undefined) return { [Symbol.dispose](): void {} };
  const { families } = scope;
  families.follow(samplersOf(source));
  const follower = families.follower = {};
  return once(() => {
    if (families.follower === follower) families.follow(undefined);
  });
}
