/** Names and labels as text: quoted where they are not classic. */
import { type ByteWriter, fragment } from "../base/mod.ts";
import { isClassicLabel, isClassicMetric } from "../base/internal.ts";
import type { PairWriter } from "./label_pairs.ts";

const QUOTE = 0x22;

/** `name`, or `"na.me"`. */
export function metricText(name: string): string {
  return isClassicMetric(name) ? name : quoted(name);
}

/** Writes `,name="value"`. */
export function textPairs(names: readonly string[]): PairWriter {
  const heads = names.map((name) =>
    fragment(`,${isClassicLabel(name) ? name : quoted(name)}="`)
  );
  return (at: number, value: string, out: ByteWriter): void => {
    out.copy(heads[at]!);
    out.escaped(value, true);
    out.byte(QUOTE);
  };
}

function quoted(name: string): string {
  const escaped = name.replace(
    /[\\\n"]/g,
    (c) => c === "\n" ? "\\n" : `\\${c}`,
  );
  return `"${escaped}"`;
}
