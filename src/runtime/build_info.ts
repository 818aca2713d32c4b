/** Info metrics: the version of the runtime, and build facts of the program. */
import { ofType, type OptionRule, wrongOption } from "../base/internal.ts";
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { replaceable } from "./source.ts";

/** The rule of facts about the program. */
export const FACTS: OptionRule<Readonly<Record<string, string>>> =
  /* @__PURE__ */ ofType(["object"], 'facts, such as { version: "1.2.0" }', {});

/**
 * Returns a source of two infos: the version of the runtime, and `facts` about
 * the program, such as `{ version: "1.2.0", revision: "4bf92f3" }`. `info` is the
 * process to report. Default: this process.
 *
 * @throws {TypeError} If `facts` is not an object, or `info` not a process.
 * @throws {RangeError} If the name of a fact is not a legal label name.
 */
export function buildInfo(
  facts: Readonly<Record<string, string>> = {},
  info: ProcessInfo = processInfo(),
): Source {
  if (!FACTS.accepts(facts)) {
    throw wrongOption("Cannot expose build facts", "facts", facts, FACTS);
  }
  checkInfo(info);
  const version = info.version();
  const runtime = version === undefined ? {} : versionLabels(info, version);
  const infos = [
    ...version === undefined ? [] : [{
      desc: familyDesc({
        name: `${info.runtime}_version_info`,
        type: "info",
        help: "The version of the runtime.",
        labelNames: Object.keys(runtime),
      }),
      values: Object.values(runtime),
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
  return replaceable({
    descs: infos.map(({ desc }) => desc),
    collect(sink) {
      for (const { desc, values } of infos) {
        if (!sink.family(desc)) continue;
        sink.number(new Labels(desc.labelNames, values), 1, 0);
      }
    },
  });
}

/** Returns the labels of a version; those of Node are the ones that it is known by. */
function versionLabels(
  { runtime }: ProcessInfo,
  version: string,
): Readonly<Record<string, string>> {
  if (runtime !== "nodejs") return { version };
  const [major = "", minor = "", patch = ""] = version.split(".");
  return { version: `v${version}`, major, minor, patch };
}
