/** Metrics of the garbage collector, on runtimes that report collections. */
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { Durations } from "./durations.ts";
import { checkInfo } from "./process_option.ts";
import { replaceable } from "./source.ts";

/**
 * Returns a source that measures garbage collections by kind until it is
 * disposed, as a histogram of seconds. It exposes nothing if the runtime reports
 * no collections. `info` is the process to report. Default: this process.
 *
 * @throws {TypeError} If `info` does not describe a process.
 */
export function gcMetrics(
  info: ProcessInfo = processInfo(),
): Source & Disposable {
  checkInfo(info);
  const desc = familyDesc({
    name: `${info.runtime}_gc_duration_seconds`,
    type: "histogram",
    help: "Time that collections of garbage took, by kind.",
    unit: "seconds",
    labelNames: ["kind"],
  });
  const kinds = new Map<string, Durations>();
  const subscription = info.onGc((kind, seconds) => {
    let durations = kinds.get(kind);
    if (durations === undefined) kinds.set(kind, durations = new Durations());
    durations.observe(seconds);
  });
  return replaceable({
    descs: subscription === undefined ? [] : [desc],
    collect(sink) {
      if (kinds.size === 0 || !sink.family(desc)) return;
      for (const [kind, durations] of kinds) {
        sink.histogram(new Labels(desc.labelNames, [kind]), durations, 0);
      }
    },
    [Symbol.dispose]: () => subscription?.[Symbol.dispose](),
  });
}
