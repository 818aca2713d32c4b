/** Facts about what runs: the program, and the runtime under it. */
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import type { Host } from "../platform/mod.ts";
import { thisHost } from "../platform/internal.ts";

/**
 * The version of the runtime, as an info; and those `facts` about the program
 * that are given, such as `{ version: "1.2.0", revision: "4bf92f3" }`. `host`
 * is for tests.
 *
 * @throws {RangeError} If a fact has no legal name of a label.
 */
export function buildInfo(
  facts: Readonly<Record<string, string>> = {},
  host: Host = thisHost,
): Source {
  const version = host.version();
  const infos = [
    ...version === undefined ? [] : [{
      desc: familyDesc({
        name: `${host.runtime}_version_info`,
        type: "info",
        help: "The version of the runtime.",
        labelNames: ["version"],
      }),
      values: [version],
    }],
    ...Object.keys(facts).length === 0 ? [] : [{
      desc: familyDesc({
        name: "app_build_info",
        type: "info",
        help: "The program that runs.",
        labelNames: Object.keys(facts),
      }),
      values: Object.values(facts).map(String),
    }],
  ];
  return {
    descs: infos.map(({ desc }) => desc),
    collect(sink) {
      for (const { desc, values } of infos) {
        if (!sink.family(desc)) continue;
        sink.number(new Labels(desc.labelNames, values), 1, 0);
      }
    },
  };
}
