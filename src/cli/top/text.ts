/** Text for a terminal: figures of three digits, columns, colours, sparklines. */

/** The unit of a figure; `count` has none. */
export type Unit = "count" | "seconds" | "bytes" | "ratio";

/** Steps of a unit: the size of each, and its symbol. */
const STEPS: Readonly<Record<Unit, readonly (readonly [number, string])[]>> = {
  count: [[1e9, " G"], [1e6, " M"], [1e3, " k"], [1, ""]],
  seconds: [
    [86400, " d"],
    [3600, " h"],
    [60, " min"],
    [1, " s"],
    [1e-3, " ms"],
    [1e-6, " µs"],
  ],
  bytes: [
    [1024 ** 4, " TiB"],
    [1024 ** 3, " GiB"],
    [1024 ** 2, " MiB"],
    [1024, " KiB"],
    [1, " B"],
  ],
  ratio: [[0.01, " %"]],
};

/** Returns a figure of three digits with its unit; `-` if it is not known. */
export function figure(value: number | undefined, unit: Unit): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  // A whole number of four digits is read faster without a symbol.
  if (unit === "count" && size < 1e4 && size >= 1e3) {
    return String(Math.round(value));
  }
  const steps = STEPS[unit];
  const at = steps.findIndex(([step]) => size >= step);
  let [step, symbol] = steps[at] ?? steps.at(-1)!;
  const larger = at > 0 ? steps[at - 1] : undefined;
  // 999.9 ms is 1 s.
  if (larger !== undefined && Number(digits(size / step)) * step >= larger[0]) {
    [step, symbol] = larger;
  }
  return digits(value / step) + symbol;
}

/** Returns three digits; whole numbers have all of theirs. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  if (size < 0.001) return value > 0 ? "<0.001" : ">-0.001";
  return String(+value.toPrecision(size < 1 ? 2 : 3));
}

/** Characters of two columns, in most terminals. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns text that moves no cursor: targets can write anything. */
export function safe(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

/** Returns text in exactly `width` columns: cut with an ellipsis, or padded. */
export function column(
  text: string,
  width: number,
  align: "left" | "right" = "left",
): string {
  if (width <= 0) return "";
  const characters = [...safe(text)];
  const widths = characters.map(widthOf);
  let total = widths.reduce((sum, one) => sum + one, 0);
  if (total > width) {
    while (total > width - 1) {
      total -= widths.pop()!;
      characters.pop();
    }
    characters.push("…");
    total++;
  }
  const padding = " ".repeat(width - total);
  const cut = characters.join("");
  return align === "left" ? cut + padding : padding + cut;
}

const BARS = "▁▂▃▄▅▆▇█";

/** Returns the last `width` values as bars from zero; gaps are blank. */
export function sparkline(
  values: readonly (number | undefined)[],
  width: number,
): string {
  const shown = values.slice(-width);
  const known = shown.filter((value) => value !== undefined);
  const highest = Math.max(0, ...known);
  const bars = shown.map((value) => {
    if (value === undefined) return " ";
    const share = highest > 0 ? Math.max(0, value) / highest : 0;
    return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))]!;
  });
  return bars.join("").padStart(width);
}

/** Styles text, or leaves it as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly ink: (text: string) => string;
}

/** Returns the styles of a terminal, or styles that do nothing. */
export function styles(isColoured: boolean): Style {
  const sgr = (code: string) => (text: string) =>
    isColoured ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { bold: sgr("1"), dim: sgr("2"), bad: sgr("1;31"), ink: sgr("36") };
}
