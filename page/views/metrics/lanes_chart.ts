/** States over time: a lane each, filled while the state holds. */
import type { ChartGroup } from "../../charts/group.ts";
import { Panel, type PanelData } from "../../charts/panel.ts";
import type { Scale } from "../../charts/scales.ts";
import type { Box } from "../../charts/surface.ts";
import type { DataTable } from "../../charts/table_view.ts";
import type { Tip } from "../../charts/tip.ts";
import { plain, utc } from "../../core/units.ts";

/** A state, and whether it held in each column; NaN: no data. */
export interface Lane {
  readonly name: string;
  readonly values: Float64Array;
}

/** Contents of the chart. */
export interface LaneData extends PanelData {
  readonly lanes: readonly Lane[];
}

/** Height of a lane, and of the margins of the chart. */
const LANE = 26;
const MARGINS = 36;

/** Lanes have no scale: only the ruling of time is drawn. */
const NO_SCALE: Scale = {
  isLog: true,
  low: 0,
  high: 1,
  majors: [],
  minors: [],
  at: (value) => value,
  invert: (at) => at,
};

/** A chart of lanes. */
export class LanesChart extends Panel<LaneData> {
  constructor(group: ChartGroup, lanes: number) {
    super(group, {
      name: "States",
      height: lanes * LANE + MARGINS,
      // Words would hide a lane.
      namesGaps: false,
    });
  }

  protected override paint(
    context: CanvasRenderingContext2D,
    box: Box,
    data: LaneData,
  ): void {
    const { theme } = this.surface;
    const span = this.span(data);
    const x = this.xOf(box, span);
    this.rule(context, box, span, NO_SCALE, plain);
    const { from, step } = data.axis;
    data.lanes.forEach(({ name, values }, index) => {
      const top = box.top + index * LANE + 5;
      const middle = top + (LANE - 10) / 2;
      context.strokeStyle = theme.rule2;
      context.strokeRect(box.left + 0.5, top + 0.5, box.width - 1, LANE - 11);
      context.fillStyle = theme.ink;
      eachRun(values, (first, end) => {
        const left = Math.max(box.left, x(from + first * step));
        const right = Math.min(box.left + box.width, x(from + end * step));
        if (right > left) context.fillRect(left, top, right - left, LANE - 10);
      });
      const holds = values[values.length - 1]! > 0;
      context.fillStyle = holds ? theme.text : theme.text3;
      context.textAlign = "left";
      context.fillText(
        holds ? `◂ ${name}` : `   ${name}`,
        box.left + box.width + 6,
        middle,
      );
    });
    this.gaps(context, box, data);
  }

  protected override sentence({ lanes }: LaneData): string {
    const now = lanes.filter(({ values }) => values[values.length - 1]! > 0);
    if (now.length === 0) return "no state holds now";
    return `now ${now.map(({ name }) => name).join(", ")}`;
  }

  protected override table({ lanes, axis }: LaneData): DataTable {
    const rows: string[][] = [];
    for (let i = axis.columns - 1; i >= 0; i--) {
      rows.push([
        utc.seconds(axis.from + i * axis.step),
        ...lanes.map(({ values }) => stateWord(values[i]!)),
      ]);
    }
    return { head: ["Time (UTC)", ...lanes.map(({ name }) => name)], rows };
  }

  protected override tip({ lanes, axis }: LaneData, time: number): Tip {
    const column = Math.floor((time - axis.from) / axis.step + 1e-9);
    return {
      title: utc.seconds(axis.from + column * axis.step),
      rows: lanes.filter(({ values }) => values[column]! > 0)
        .map(({ name }) => ({ name, value: "holds" })),
    };
  }
}

function stateWord(value: number): string {
  if (Number.isNaN(value)) return "–";
  return value > 0 ? "holds" : "";
}

/** Calls `each` for every run of columns in which the state held. */
function eachRun(
  values: Float64Array,
  each: (first: number, end: number) => void,
): void {
  let first = -1;
  for (let i = 0; i <= values.length; i++) {
    const holds = i < values.length && values[i]! > 0;
    if (holds && first < 0) first = i;
    if (holds || first < 0) continue;
    each(first, i);
    first = -1;
  }
}
