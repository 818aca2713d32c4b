/** Glyphs of the types of families; screen readers announce the type. */
import type { MetricType } from "../../../src/model/mod.ts";
import { attrs, svg } from "../../core/dom.ts";

const GLYPHS = {
  counter: { d: "M2 13 8 8l2 2 4-6.5M10.5 3H14v3.5", width: "1.6" },
  gauge: { d: "M1 10c2-6 4-6 6 0s5 5 8-4", width: "1.6" },
  histogram: {
    d: "M2 14V9h2.4v5M6.8 14V3h2.4v11M11.6 14V7H14v7",
    width: "1.5",
  },
  summary: { d: "M2 13.5h12M4 11V8M8 11V3M12 11V6", width: "1.6" },
  stateset: { d: "M1 11.5h5v-7h5v7h4", width: "1.6" },
  info: { d: "M8 7v6.5M8 2.5v2.2", width: "2" },
  unknown: { d: "M3 8h10", width: "1.6" },
} as const;

/** Makes the glyph of a type. */
export function kindGlyph(type: MetricType): SVGSVGElement {
  const { d, width } = type === "gaugehistogram"
    ? GLYPHS.histogram
    : GLYPHS[type];
  const path = {
    d,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": width,
    "stroke-linejoin": "round",
  };
  return attrs(svg("kind-glyph", [["path", path]]), {
    role: "img",
    "aria-label": type,
  });
}
