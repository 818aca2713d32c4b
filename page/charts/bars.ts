/** A small histogram: counts of buckets, one of them marked. */
import { attrs, el } from "../core/dom.ts";
import { type Format, wholeNumber, words } from "../core/units.ts";
import type { ChartGroup } from "./group.ts";
import { linearScale } from "./scales.ts";
import { rules, Surface } from "./surface.ts";
import { TableView } from "./table_view.ts";

/** A bucket of a histogram. */
export interface Bar {
  readonly from: number;
  /** Infinity: above the last bound. */
  readonly to: number;
  readonly count: number;
}

/** Contents of a small histogram. */
export interface BarsData {
  /** Buckets in order, without those that are empty at both ends. */
  readonly bars: readonly Bar[];
  readonly format: Format;
  /** A value whose bucket is marked, with its words; null for none. */
  readonly mark: { readonly value: number; readonly text: string } | null;
  /** Name for readers, such as "Durations of calls to payments". */
  readonly name: string;
}

const TOP = 20;
const FOOT = 18;

/** A small histogram. */
export class Bars {
  readonly element = el("figure", "chart");
  readonly #surface: Surface;
  readonly #table: TableView;
  #data: BarsData | null = null;

  constructor(group: ChartGroup, height = 100) {
    this.#surface = new Surface(group, height);
    this.#table = new TableView("Counts of buckets", () =>
      this.#data && {
        head: ["Over", "Up to", "Count"],
        rows: this.#data.bars.map(({ from, to, count }) => [
          words(this.#data!.format(from)),
          words(this.#data!.format(to)),
          wholeNumber(count),
        ]),
      });
    this.element.append(
      el("div", "chart-paper", this.#surface.canvas),
      this.#table.element,
    );
  }

  /** Draws the bars. */
  draw(data: BarsData): void {
    this.#data = data;
    this.#table.refresh();
    const { bars, format, mark, name } = data;
    const marked = mark === null
      ? -1
      : bars.findIndex(({ from, to }) =>
        mark.value <= to && (mark.value > from || mark.value <= 0)
      );
    attrs(this.#surface.canvas, {
      role: "img",
      "aria-label": `${name}: ${sentence(data, marked)}`,
    });
    const context = this.#surface.begin();
    if (context === null || bars.length === 0) return;
    const { theme, width, height } = this.#surface;
    const box = { left: 0, top: TOP, width, height: height - TOP - FOOT };
    const most = Math.max(...bars.map(({ count }) => count), 1);
    const scale = linearScale(most, 4);
    const y = (value: number) => TOP + box.height * (1 - value / scale.high);
    rules(context, theme.grid2, box, [], scale.majors.map(y));
    const step = width / bars.length;
    const gap = step > 6 ? 2 : 0.5;
    bars.forEach(({ count }, i) => {
      if (count <= 0) return;
      context.fillStyle = i === marked ? theme.bad : theme.s1;
      const top = Math.min(y(count), y(0) - 1);
      context.fillRect(i * step + gap / 2, top, step - gap, y(0) - top);
    });
    rules(context, theme.rule2, box, [], [y(0)]);
    context.fillStyle = theme.text3;
    const bounds = new Set([0, Math.floor(bars.length / 2), bars.length - 1]);
    for (const i of bounds) {
      const { from, to } = bars[i]!;
      context.textAlign = i === 0
        ? "left"
        : i === bars.length - 1
        ? "right"
        : "center";
      const at = i === 0 ? 0 : i === bars.length - 1 ? width : (i + 0.5) * step;
      const isOver = to === Infinity;
      const text = isOver ? `over ${words(format(from))}` : words(format(to));
      context.fillText(text, at, height - FOOT / 2 + 1);
    }
    if (mark === null || marked < 0) return;
    context.fillStyle = theme.bad;
    context.font = `600 11px ${theme.sans}`;
    const text = `▾ ${mark.text}`;
    const room = context.measureText(text).width / 2;
    const x = Math.min(
      width - room,
      Math.max(room, (marked + 0.5) * step),
    );
    // Above all bars that the words would stand on.
    const first = Math.max(0, Math.floor((x - room) / step));
    const below = bars.slice(first, Math.ceil((x + room) / step));
    const highest = Math.max(...below.map(({ count }) => count));
    context.textAlign = "center";
    context.fillText(text, x, Math.max(7, y(highest) - 9));
    // The surface sets its font only when its size changes.
    context.font = `11px ${theme.sans}`;
  }
}

function sentence({ bars, format, mark }: BarsData, marked: number): string {
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return "nothing was counted";
  const most = bars.reduce((a, b) => b.count > a.count ? b : a);
  const sentence = `${wholeNumber(total)} counted, most of them up to ` +
    words(format(most.to === Infinity ? most.from : most.to));
  if (mark === null || marked < 0) return sentence;
  return `${sentence}; ${mark.text}: ${words(format(mark.value))}`;
}
