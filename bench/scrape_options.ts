/** Arguments of the bench of whole scrapes: `name=value` or `name=a,b`. */
import type { Encoding } from "./scrape_client.ts";
import type { LibraryName } from "./scrape_server.ts";

/** Kinds of rows: by size, with small families, with long pauses. */
export type RowKind = "sizes" | "families" | "pause";

export interface Options {
  /** Numbers of counters. */
  readonly sizes: readonly number[];
  /** Percentages that change between scrapes. */
  readonly shares: readonly number[];
  readonly codings: readonly Encoding[];
  readonly servers: readonly LibraryName[];
  readonly rows: readonly RowKind[];
  /** Measured scrapes after the first one. Default: by size. */
  readonly rounds: number | undefined;
  /** Fresh processes for first scrapes. Default: by size. */
  readonly fresh: number | undefined;
  /** Whether the results are saved. */
  readonly save: boolean;
}

const NAMES: readonly (keyof Options)[] = [
  "sizes",
  "shares",
  "codings",
  "servers",
  "rows",
  "rounds",
  "fresh",
  "save",
];

/** Reads arguments. Without any, everything is measured and saved. */
export function optionsOf(given: readonly string[]): Options {
  const values = new Map<string, string>();
  for (const argument of given) {
    const [name = "", value = ""] = argument.split("=");
    if (!NAMES.includes(name as keyof Options)) {
      const known = NAMES.join(", ");
      throw new Error(`Cannot measure: "${name}" is none of ${known}`);
    }
    values.set(name, value);
  }
  const isWhole = values.size === 0;
  const list = <T extends string>(name: keyof Options, otherwise: T[]): T[] =>
    values.get(name)?.split(",") as T[] | undefined ?? otherwise;
  const numbers = (name: keyof Options, otherwise: number[]): number[] =>
    values.get(name)?.split(",").map(Number) ?? otherwise;
  return {
    sizes: numbers("sizes", [100, 1_000, 10_000, 100_000, 1_000_000]),
    shares: numbers("shares", [0, 1, 100]),
    codings: list("codings", ["gzip", "plain"]),
    servers: list("servers", [
      "barograph",
      "rival",
      ...isWhole ? ["opentelemetry"] as const : [],
    ]),
    rows: list("rows", isWhole ? ["sizes", "families", "pause"] : ["sizes"]),
    rounds: numbers("rounds", [])[0],
    fresh: numbers("fresh", [])[0],
    save: isWhole || values.get("save") === "yes",
  };
}
