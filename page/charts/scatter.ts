/** Traces by time and duration, on log paper. */
import { seconds, utc, words } from "../core/units.ts";
import { Marks, type TraceMark } from "./marks.ts";
import { Panel, type PanelData } from "./panel.ts";
import { decadeScale, type Scale } from "./scales.ts";
import type { Box } from "./surface.ts";
import type { DataTable } from "./table_view.ts";
import type { Tip } from "./tip.ts";

/** Contents of a scatter. Values are seconds. */
export interface ScatterData extends PanelData {
  readonly marks: readonly TraceMark[];
}

/** A scatter of traces. */
export class Scatter extends Panel<ScatterData> {
  readonly #marks = new Marks();
  /** Called when a mark is opened. */
  onOpen: (mark: TraceMark) => void = () => {};

  protected override paint(
    context: CanvasRenderingContext2D,
    box: Box,
    data: ScatterData,
  ): void {
    const span = this.span(data);
    const scale = this.#scaleOf(data);
    this.rule(context, box, span, scale, seconds);
    this.gaps(context, box, data);
    this.notes(context, box, data);
    this.#marks.paint(
      context,
      this.surface.theme,
      box,
      span,
      this.xOf(box, span),
      this.yOf(box, scale),
      data.marks,
      { isSmall: true },
    );
  }

  #scaleOf({ marks }: ScatterData): Scale {
    let low = 0.001;
    let high = 10;
    for (const { value } of marks) {
      if (value > 0 && value < low) low = value;
      if (value > high) high = value;
    }
    return decadeScale(low, high);
  }

  protected override sentence({ marks }: ScatterData): string {
    const failed = marks.filter(({ isFailed }) => isFailed).length;
    const longest = marks.reduce((most, { value }) => Math.max(most, value), 0);
    if (marks.length === 0) return "no traces";
    return `${marks.length} traces, ${failed} failed, ` +
      `the longest took ${words(seconds(longest))}`;
  }

  protected override table({ marks }: ScatterData): DataTable {
    return {
      head: ["Time (UTC)", "Took", "State", "Trace"],
      rows: [...marks].sort((a, b) => b.time - a.time).map((
        { time, value, isFailed, id },
      ) => [
        utc.seconds(time),
        words(seconds(value)),
        isFailed ? "failed" : "answered",
        id,
      ]),
    };
  }

  protected override tip(
    _data: ScatterData,
    time: number,
    x: number | null,
    y: number | null,
  ): Tip {
    const mark = x === null ? this.#marks.near(time) : this.#marks.at(x, y);
    return mark?.tip() ?? { title: utc.seconds(time), rows: [] };
  }

  protected override open(
    time: number,
    x: number | null,
    y: number | null,
  ): boolean {
    const mark = x === null ? this.#marks.near(time) : this.#marks.at(x, y);
    if (mark !== null) this.onOpen(mark);
    return mark !== null;
  }
}
