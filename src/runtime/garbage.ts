/** Collections of garbage, where the runtime tells of them. */
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import type { Host } from "../platform/mod.ts";
import { thisHost } from "../platform/internal.ts";
import { Durations } from "./durations.ts";

/**
 * Metrics of the garbage collector, until they are disposed; of runtimes that
 * do not tell there are none. `host` is for tests.
 */
export function garbageMetrics(host: Host = thisHost): Source & Disposable {
  const desc = familyDesc({
    name: `${host.runtime}_gc_duration_seconds`,
    type: "histogram",
    help: "Time that collections of garbage took, by kind.",
    unit: "seconds",
    labelNames: ["kind"],
  });
  const kinds = new Map<string, Durations>();
  const listening = host.onGarbage((kind, seconds) => {
    let durations = kinds.get(kind);
    if (durations === undefined) kinds.set(kind, durations = new Durations());
    durations.observe(seconds);
  });
  return {
    descs: listening === undefined ? [] : [desc],
    collect(sink) {
      if (kinds.size === 0 || !sink.family(desc)) return;
      for (const [kind, durations] of kinds) {
        sink.histogram(new Labels(desc.labelNames, [kind]), durations, 0);
      }
    },
    [Symbol.dispose]: () => listening?.[Symbol.dispose](),
  };
}
