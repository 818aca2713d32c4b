/** Metrics of the garbage collector, on runtimes that report collections. */
import type { MetricNames } from "../base/mod.ts";
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { Durations } from "./durations.ts";
import { checkInfo } from "./process_option.ts";
import { checkNames, isNamed, replaceable } from "./source.ts";

/** The bounds that the convention advises, in seconds. */
const ADVISED = Float64Array.of(0.01, 0.1, 1, 10);

/**
 * Returns a source that measures garbage collections by kind until it is
 * disposed, as a histogram of seconds. It exposes nothing if the runtime reports
 * no collections. `info` is the process to report. Default: this process.
 * `names` selects the name of the family. Default: that of Prometheus clients.
 *
 * @throws {TypeError} If `info` does not describe a process, or `names` is wrong.
 */
export function gcMetrics(
  info: ProcessInfo = processInfo(),
  names: MetricNames = "prometheus",
): Source & Disposable {
  checkInfo(info);
  checkNames(names);
  const family = (name: string, label: string, bounds?: Float64Array) => ({
    desc: familyDesc({
      name: `${name}_gc_duration_seconds`,
      type: "histogram",
      help: "Time that collections of garbage took, by kind.",
      unit: "seconds",
      labelNames: [label],
    }),
    bounds,
    kinds: new Map<string, Durations>(),
  });
  const families = [
    ...isNamed(names, "prometheus") ? [family(info.runtime, "kind")] : [],
    ...isNamed(names, "semconv")
      ? [family("v8js", "v8js_gc_type", ADVISED)]
      : [],
  ];
  const subscription = info.onGc((kind, seconds) => {
    for (const { kinds, bounds } of families) {
      let durations = kinds.get(kind);
      if (durations === undefined) {
        kinds.set(kind, durations = new Durations(bounds));
      }
      durations.observe(seconds);
    }
  });
  return replaceable({
    descs: subscription === undefined ? [] : families.map(({ desc }) => desc),
    collect(sink) {
      for (const { desc, kinds } of families) {
        if (kinds.size === 0 || !sink.family(desc)) continue;
        for (const [kind, durations] of kinds) {
          sink.histogram(new Labels(desc.labelNames, [kind]), durations, 0);
        }
      }
    },
    [Symbol.dispose]: () => subscription?.[Symbol.dispose](),
  });
}
