/**
 * The glyphs of states: a shape, its name for readers, and a colour by class.
 */
import { attrs, svg } from "../core/dom.ts";

/** States that have a glyph. */
export type GlyphName = "failing" | "slow" | "full" | "failed" | "fine";

type Shape = readonly [string, Readonly<Record<string, string>>];

function stroke(d: string, width: string, colour = "currentColor"): Shape {
  return ["path", {
    d,
    fill: "none",
    stroke: colour,
    "stroke-width": width,
  }];
}

const SHEET = "var(--sheet)";

const GLYPHS: Readonly<
  Record<
    GlyphName,
    { readonly tone: string; readonly shapes: readonly Shape[] }
  >
> = {
  failing: {
    tone: "bad",
    shapes: [
      ["path", { d: "M8 1.2 15.4 14.4H.6Z", fill: "currentColor" }],
      stroke("M8 5.6v4.6M8 11.4v1.7", "1.7", SHEET),
    ],
  },
  slow: {
    tone: "warn",
    shapes: [
      stroke("M8 .8 15.2 8 8 15.2.8 8Z", "1.7"),
      stroke("M8 4.6V8l2.2 1.6", "1.6"),
    ],
  },
  full: {
    tone: "dim",
    shapes: [
      ["rect", {
        x: "1.5",
        y: "1.5",
        width: "13",
        height: "13",
        fill: "none",
        stroke: "currentColor",
        "stroke-width": "1.7",
      }],
      ["rect", {
        x: "4",
        y: "4.2",
        width: "8",
        height: "8",
        fill: "currentColor",
      }],
    ],
  },
  failed: { tone: "bad", shapes: [stroke("m3 3 10 10M13 3 3 13", "2.6")] },
  fine: {
    tone: "dim",
    shapes: [["circle", {
      cx: "8",
      cy: "8",
      r: "3",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.6",
    }]],
  },
};

/** Makes the glyph of a state, named for readers: `failing`, `slow` … */
export function glyph(name: GlyphName, label: string = name): SVGSVGElement {
  const { tone, shapes } = GLYPHS[name];
  return attrs(svg(`glyph ${tone}`, shapes), {
    role: "img",
    "aria-label": label,
  });
}
