/** The mark in an exposition of what is missing from it. */
import { familyDesc, Labels, type Source } from "../model/mod.ts";

const desc = familyDesc({
  name: "barograph_source_missing",
  type: "gauge",
  help: "Sources left out of this very exposition: they threw or were late.",
  labelNames: ["source"],
});

/** A source of one series for each of `names`, as they stand by then. */
export function missingSources(names: ReadonlySet<string>): Source {
  return {
    descs: [desc],
    collect(sink): void {
      if (!sink.family(desc)) return;
      for (const name of names) {
        sink.number(new Labels(desc.labelNames, [name]), 1, 0);
      }
    },
  };
}
