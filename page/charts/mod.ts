/**
 * Charts. Each is made once with the `ChartGroup` of its view, owns an element
 * with its text alternatives, and has `draw(data)`. Call `group.begin(changes)`
 * first in `update`; it says whether all charts must be drawn.
 */
export { type Bar, Bars } from "./bars.ts";
export { Distribution, type Observations } from "./buckets.ts";
export { ChartGroup, type Pen } from "./group.ts";
export { HeatMap } from "./heat_map.ts";
export { heatScale } from "./heat_scale.ts";
export { HeatStrip } from "./heat_strip.ts";
export type { TraceMark } from "./marks.ts";
export type { Note } from "./panel.ts";
export { RangeGlyph, RangeHead } from "./range_glyph.ts";
export { decadeScale, logScale, type Scale } from "./scales.ts";
export { Scatter } from "./scatter.ts";
export { type SparkData, Sparkline } from "./sparkline.ts";
export type { Colour, Theme } from "./theme.ts";
export { type Line, TimeChart } from "./time_chart.ts";
export type { Tip } from "./tip.ts";
export {
  columnStep,
  endOf,
  lastOf,
  levelTrack,
  rateTrack,
  type Span,
  type Track,
  type Usual,
  usualOf,
} from "./tracks.ts";
