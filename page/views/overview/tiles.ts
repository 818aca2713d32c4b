/** The nine tiles: a figure, its course, its usual. */
import type { Role, RoleLabels } from "../../../src/dashboard/protocol.ts";
import type { App, Axis } from "../../core/app.ts";
import { attrs, el, setText } from "../../core/dom.ts";
import {
  type ChartGroup,
  columnStep,
  type Span,
  Sparkline,
  type Track,
  type Usual,
} from "../../charts/mod.ts";
import { glyph } from "../../parts/glyphs.ts";
import { type FigureName, FIGURES, FORMATS, usualWords } from "./figures.ts";

const NAMES: Readonly<Record<FigureName, string>> = {
  requests: "Requests",
  errors: "Errors",
  inFlight: "In flight",
  p50: "Latency p50",
  p95: "Latency p95",
  p99: "Latency p99",
  loopDelay: "Loop delay",
  memory: "Memory",
  cpu: "CPU",
};

const HELP: Readonly<Record<FigureName, string>> = {
  requests: "Requests a second, over the last minute",
  errors: "Share of requests that failed, over the last minute",
  inFlight: "Requests in flight now",
  p50: "Half of the requests of the last minute took less",
  p95: "95 % of the requests of the last minute took less",
  p99: "99 % of the requests of the last minute took less",
  loopDelay:
    "99 % of the turns of the event loop in the last minute were less late",
  memory: "Resident memory of the process",
  cpu: "Share of one core, over the last minute",
};

/** How a tile warns. */
export type Alarm = "failing" | "slow" | null;

/** Contents of a tile. */
export interface TileData {
  /** NaN: unknown. */
  readonly value: number;
  /** Null: not measured. */
  readonly track: Track | null;
  readonly usual: Usual | null;
  readonly alarm: Alarm;
}

class Tile {
  readonly element: HTMLAnchorElement;
  readonly #spark: Sparkline;
  readonly #name: FigureName;
  readonly #digits = el("b", "tile-digits");
  readonly #unit = el("span", "tile-unit");
  readonly #usual = el("span", "tile-usual-range");
  readonly #usualName = el("span", "tile-usual-name", "usual");
  readonly #alarm = el("span", "tile-alarm");
  #shown: Alarm = null;

  constructor(name: FigureName, group: ChartGroup) {
    this.#name = name;
    this.#spark = new Sparkline(group, 26);
    this.element = el(
      "a",
      "tile",
      el("span", "tile-name", this.#alarm, NAMES[name]),
      el("span", "tile-value", this.#digits, this.#unit),
      this.#spark.element,
      el("span", "tile-usual", this.#usualName, this.#usual),
    );
    attrs(this.element, { title: HELP[name] });
  }

  show({ value, track, usual, alarm }: TileData, span: Span): void {
    const format = FORMATS[this.#name];
    const { digits, unit } = format(value);
    setText(this.#digits, digits);
    setText(this.#unit, unit);
    const isKnown = track !== null;
    const said = isKnown ? usualWords(usual, format) : "";
    const reason = isKnown
      ? "no usual yet"
      : this.element.hasAttribute("href")
      ? "no data yet"
      : "not measured";
    this.#usualName.hidden = said === "";
    setText(this.#usual, said || reason);
    if (alarm !== this.#shown) {
      this.#shown = alarm;
      this.#alarm.replaceChildren(...alarm === null ? [] : [glyph(alarm)]);
      this.element.classList.toggle("is-failing", alarm === "failing");
      this.element.classList.toggle("is-slow", alarm === "slow");
    }
    this.#spark.element.hidden = !isKnown;
    if (track === null) return;
    const colour = alarm === "failing"
      ? "bad"
      : alarm === "slow"
      ? "warn"
      : "ink";
    const wash = alarm === "failing" ? "badWash" : "inkWash";
    this.#spark.draw({
      track,
      span,
      colour,
      usual,
      ...alarm === "failing" ? { wash } : {},
    });
  }
}

const ROLES: Readonly<Record<FigureName, Role>> = {
  requests: "requests",
  errors: "requests",
  inFlight: "inFlight",
  p50: "requests",
  p95: "requests",
  p99: "requests",
  loopDelay: "loopDelay",
  memory: "memory",
  cpu: "cpu",
};

/** Pixels of a sparkline, and of one of its columns. */
const WIDTH = 120;
const COLUMN = 2;

/** Returns the seconds of a column of the sparklines. */
export function sparkStep(axis: Axis): number {
  // Callbacks are read every 10 seconds: in shorter columns they would jump.
  return Math.max(10, columnStep(axis, WIDTH, COLUMN));
}

/** The nine tiles in their three groups. */
export class Tiles {
  readonly element = el("section", "tiles sheet");
  readonly #tiles = new Map<FigureName, Tile>();
  readonly #app: App;
  #linked = "";

  constructor(app: App, group: ChartGroup) {
    this.#app = app;
    attrs(this.element, { "aria-label": "Figures" });
    for (const name of FIGURES) {
      const tile = new Tile(name, group);
      this.#tiles.set(name, tile);
      this.element.append(tile.element);
    }
  }

  /** Sets where the tiles lead: to the family of each figure. */
  link(
    familyOf: (role: Role) => string | null,
    labels: RoleLabels,
  ): void {
    const { range, route } = this.#app.location.now;
    const key = [
      range,
      route,
      labels.route,
      labels.status,
      ...Object.values(ROLES).map(familyOf),
    ].join();
    if (key === this.#linked) return;
    this.#linked = key;
    for (const [name, { element }] of this.#tiles) {
      const role = ROLES[name];
      const family = familyOf(role);
      const rest: Record<string, string> = {};
      if (role === "requests") {
        const label = name === "errors" ? labels.status : labels.route;
        if (label !== null) rest["by"] = label;
        rest["q"] = name.startsWith("p") ? name : "rate";
      }
      attrs(element, {
        href: family === null
          ? null
          : this.#app.location.href({ view: "metrics", path: [family], rest }),
      });
    }
  }

  /** Shows all figures. */
  show(dataOf: (name: FigureName) => TileData, span: Span): void {
    for (const [name, tile] of this.#tiles) tile.show(dataOf(name), span);
  }
}
