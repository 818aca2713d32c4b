/** Families whose OTLP metrics are read in both encodings. */
import { createRegistry, type Registry } from "../../mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  metricsIn,
  readMetrics,
  type SeenMetric,
  type Tree,
} from "./metric_reader.ts";
import { pushed } from "./metric_set_up.ts";

/** The start of all series of `newRegistry`, in unix seconds. */
export const START = 1_700_000_000;

const PROTOCOLS = ["protobuf", "json"] as const;

/** Returns a registry without families of its own. */
export function newRegistry(clock: FakeClock = new FakeClock(START)): Registry {
  return createRegistry({ clock, selfMetrics: false });
}

/** Pushes `source` in both encodings, and checks the same tree twice. */
export async function inBoth(
  source: Source,
  check: (metrics: readonly SeenMetric[], tree: Tree) => void,
  options: Parameters<typeof pushed>[1] = {},
): Promise<void> {
  for (const protocol of PROTOCOLS) {
    const { body, headers } = await pushed(source, { ...options, protocol });
    const tree = readMetrics(body, headers.get("content-type")!);
    check(metricsIn(tree), tree);
  }
}

/** Returns a source of one family. */
export function sourceOf(
  desc: Partial<Source["descs"][0]> & Pick<Source["descs"][0], "type">,
  write: (sink: Parameters<Source["collect"]>[0]) => void,
): Source {
  const full = {
    name: "a",
    help: "A.",
    unit: "",
    labelNames: [],
    merge: "sum" as const,
    ...desc,
  };
  return {
    descs: [full],
    collect(sink) {
      if (sink.family(full)) write(sink);
    },
  };
}
