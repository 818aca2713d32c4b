/** Makes panels, each with a description, a unit and its queries. */
import type {
  DataSource,
  GrafanaPanel,
  GrafanaTarget,
} from "./dashboard_model.ts";

/** The data source that the user has selected. */
export const DATA_SOURCE: DataSource = {
  type: "prometheus",
  uid: "${datasource}",
};

/** A panel without its place. */
export interface Panel extends Omit<GrafanaPanel, "id" | "gridPos"> {
  readonly width: number;
  readonly height: number;
}

/** A query with its legend, in which `{{label}}` stands for a value. */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
  /** How Grafana reads the answer. Default: that of the type of panel. */
  readonly format?: GrafanaTarget["format"];
  /** Whether the query is kept, but not run. Default: false. */
  readonly hide?: boolean;
}

/** The words and the unit of a panel, and its queries. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** The identifier of a unit in Grafana, such as `s`. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const GRAPH = { width: 12, height: 8 };
const STAT = { width: 6, height: 4 };
const LEGEND = { displayMode: "table", placement: "bottom", showLegend: true };

function target(
  { expr, legend = "", format, hide = false }: Query,
  index: number,
  more: Partial<GrafanaTarget> = {},
): GrafanaTarget {
  return {
    refId: String.fromCharCode(65 + index),
    datasource: DATA_SOURCE,
    expr,
    legendFormat: legend,
    format: "time_series",
    range: true,
    instant: false,
    exemplar: false,
    hide,
    ...more,
    ...format === undefined ? {} : { format },
  };
}

function panel(
  type: string,
  { title, description, unit, queries }: PanelText,
  size: { readonly width: number; readonly height: number },
  { defaults = {}, options = {}, query = {} }: {
    readonly defaults?: Readonly<Record<string, unknown>>;
    readonly options?: Readonly<Record<string, unknown>>;
    readonly query?: Partial<GrafanaTarget>;
  },
): Panel {
  return {
    type,
    title,
    description,
    datasource: DATA_SOURCE,
    targets: queries.map((one, index) => target(one, index, query)),
    fieldConfig: { defaults: { unit, ...defaults }, overrides: [] },
    options,
    transformations: [],
    ...size,
  };
}

/** Options of a graph. */
export interface GraphOptions {
  /** Whether the series are parts of one total. Default: false. */
  readonly stacked?: boolean;
  /** Whether values can be negative. Default: false. */
  readonly signed?: boolean;
  /** The largest possible value. Default: none. */
  readonly max?: number;
  /** Whether to show exemplars. Default: false. */
  readonly exemplars?: boolean;
}

/** Returns a panel of lines over time. */
export function graph(
  text: PanelText,
  { stacked = false, signed = false, max, exemplars = false }: GraphOptions =
    {},
): Panel {
  return panel("timeseries", text, GRAPH, {
    defaults: {
      ...signed ? {} : { min: 0 },
      ...max === undefined ? {} : { max },
      custom: {
        drawStyle: "line",
        lineWidth: 1,
        fillOpacity: stacked ? 25 : 8,
        showPoints: "never",
        stacking: { mode: stacked ? "normal" : "none", group: "A" },
      },
    },
    options: {
      legend: { ...LEGEND, calcs: ["lastNotNull", "max"] },
      tooltip: { mode: "multi", sort: "desc" },
    },
    query: { exemplar: exemplars },
  });
}

/** A value from which on a figure is drawn in a colour. */
export interface Limit {
  readonly value: number;
  readonly color: "yellow" | "red";
}

/** Returns a panel of one figure with a sparkline. */
export function stat(text: PanelText, limits: readonly Limit[] = []): Panel {
  const base = limits.length === 0 ? "text" : "green";
  return panel("stat", text, STAT, {
    defaults: {
      thresholds: {
        mode: "absolute",
        steps: [{ color: base, value: null }, ...limits],
      },
    },
    options: {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      colorMode: "value",
      graphMode: "area",
      textMode: "auto",
      justifyMode: "auto",
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: "standard",
      orientation: "auto",
    },
  });
}

/** Returns a panel of a distribution over time; the unit is that of the values. */
export function heatmap(text: PanelText): Panel {
  return panel("heatmap", text, GRAPH, {
    options: {
      calculate: false,
      yAxis: { unit: text.unit, axisPlacement: "left" },
      color: {
        mode: "scheme",
        scheme: "Blues",
        fill: "blue",
        scale: "exponential",
        exponent: 0.5,
        steps: 64,
        reverse: false,
      },
      showValue: "never",
      cellGap: 1,
      filterValues: { le: 1e-9 },
      tooltip: { mode: "single", yHistogram: true, showColorScale: true },
      legend: { show: true },
      exemplars: { color: "rgba(255,120,10,0.8)" },
    },
    query: { exemplar: true },
  });
}

/** Returns a panel of the labels of series, as a table. */
export function table(text: PanelText): Panel {
  const made = panel("table", text, GRAPH, {
    options: { showHeader: true },
    query: { format: "table", range: false, instant: true },
  });
  const excludeByName = { Time: true, Value: true };
  return {
    ...made,
    transformations: [{ id: "organize", options: { excludeByName } }],
  };
}

/** Returns a panel with a lane per series, filled while it has a value. */
export function timeline(text: PanelText): Panel {
  return panel("state-timeline", text, GRAPH, {
    defaults: {
      color: { mode: "palette-classic" },
      custom: { fillOpacity: 70, lineWidth: 0, spanNulls: false },
      mappings: [
        { type: "value", options: { 1: { text: "yes", index: 0 } } },
      ],
    },
    options: {
      mergeValues: true,
      showValue: "never",
      rowHeight: 0.9,
      legend: { ...LEGEND, displayMode: "list", showLegend: false },
      tooltip: { mode: "single", sort: "none" },
    },
  });
}
