/** The parts of Grafana's dashboard model, version 1, that are generated. */

/** A reference to the data source that the user has selected. */
export interface DataSource {
  /** The type of the data source: `prometheus`. */
  readonly type: string;
  /** The variable that holds its uid. */
  readonly uid: string;
}

/** A query of a panel. */
export interface GrafanaTarget {
  /** The letter of the query, unique in its panel. */
  readonly refId: string;
  /** The data source of the query. */
  readonly datasource: DataSource;
  /** The query in PromQL, with variables of Grafana. */
  readonly expr: string;
  /** The legend, in which `{{label}}` stands for a value; `""`: all labels. */
  readonly legendFormat: string;
  /** How Grafana reads the answer. */
  readonly format: "time_series" | "table" | "heatmap";
  /** Whether the query is over the time range. */
  readonly range: boolean;
  /** Whether the query is at the end of the time range. */
  readonly instant: boolean;
  /** Whether exemplars are queried too. */
  readonly exemplar: boolean;
  /** Whether the query is kept, but not run. */
  readonly hide: boolean;
}

/** A position on the grid of 24 columns. */
export interface GrafanaPosition {
  /** The first column, from 0. */
  readonly x: number;
  /** The first line, from 0. */
  readonly y: number;
  /** The width in columns. */
  readonly w: number;
  /** The height in lines of 30 pixels. */
  readonly h: number;
}

/** A panel of a dashboard. */
export interface GrafanaPanel {
  /** Unique in the dashboard. */
  readonly id: number;
  /** The type, such as `timeseries`. */
  readonly type: string;
  /** The heading. */
  readonly title: string;
  /** The help text, in Markdown. */
  readonly description: string;
  /** The data source of the panel. */
  readonly datasource: DataSource;
  /** The place of the panel. */
  readonly gridPos: GrafanaPosition;
  /** The queries. */
  readonly targets: GrafanaTarget[];
  /** The unit, limits and drawing of values. */
  readonly fieldConfig: {
    /** Settings of all fields. */
    readonly defaults: Readonly<Record<string, unknown>>;
    /** Settings of single fields: none. */
    readonly overrides: never[];
  };
  /** The options of the type. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Changes to the answers of the queries. */
  readonly transformations: {
    /** The kind of change. */
    readonly id: string;
    /** Its options. */
    readonly options: Readonly<Record<string, unknown>>;
  }[];
}

/** A row: a heading, and its panels while it is collapsed. */
export interface GrafanaRow {
  /** Unique in the dashboard. */
  readonly id: number;
  /** The type of a row. */
  readonly type: "row";
  /** The heading. */
  readonly title: string;
  /** Whether the panels are hidden at first. */
  readonly collapsed: boolean;
  /** The place of the heading. */
  readonly gridPos: GrafanaPosition;
  /** The panels of a collapsed row. */
  readonly panels: GrafanaPanel[];
}

/** A variable that the user selects above the panels. */
export interface GrafanaVariable {
  /** The kind of variable. */
  readonly type: "datasource" | "query";
  /** The name, without `$`. */
  readonly name: string;
  /** The label of the field. */
  readonly label: string;
  /** The query for its values, or the type of data source. */
  readonly query: string;
  /** The data source of the query. */
  readonly datasource?: DataSource;
  /** The selection at first. */
  readonly current?: {
    /** Whether it is a selection. */
    readonly selected: boolean;
    /** The texts of the selection. */
    readonly text: string | string[];
    /** The values of the selection. */
    readonly value: string | string[];
  };
  /** Shown with its label. */
  readonly hide: 0;
  /** When values are queried: 1 at loading, 2 with each time range. */
  readonly refresh: 1 | 2;
  /** The order of values: 1 is by name. */
  readonly sort: 0 | 1;
  /** Whether several values can be selected. */
  readonly multi: boolean;
  /** Whether all values can be selected at once. */
  readonly includeAll: boolean;
  /** The regular expression of all values. */
  readonly allValue?: string;
}

/** A dashboard that Grafana 10 and later import. */
export interface GrafanaDashboard {
  /** The identifier by which an import replaces it. */
  readonly uid: string;
  /** The title. */
  readonly title: string;
  /** The description. */
  readonly description: string;
  /** The tags. */
  readonly tags: string[];
  /** The time zone of the browser. */
  readonly timezone: "browser";
  /** Whether users can edit it: no, because it is generated. */
  readonly editable: boolean;
  /** All panels share the cursor. */
  readonly graphTooltip: 1;
  /** The version of the model. */
  readonly schemaVersion: number;
  /** The version of the dashboard. */
  readonly version: number;
  /** Time between two refreshes. */
  readonly refresh: string;
  /** The time range at first. */
  readonly time: { readonly from: string; readonly to: string };
  /** Marks on graphs: none. */
  readonly annotations: { readonly list: never[] };
  /** Links to other dashboards: none. */
  readonly links: never[];
  /** The variables. */
  readonly templating: { readonly list: GrafanaVariable[] };
  /** The rows and panels, from top to bottom. */
  readonly panels: (GrafanaPanel | GrafanaRow)[];
}
