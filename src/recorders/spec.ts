/** What a vocabulary is declared with: instruments as data, and their types. */
import type {
  Counter,
  Gauge,
  Histogram,
  Instrument,
  LabelValue,
  Names,
  NoSets,
  Report,
  ValueSets,
} from "../metrics/mod.ts";

/** One metric of a vocabulary. */
export interface InstrumentSpec {
  /** What it is. */
  readonly type: "counter" | "gauge" | "histogram";
  /** Its name, without the namespace. */
  readonly name: string;
  /** One sentence for people. */
  readonly help: string;
  /** The base unit; the name must end in it. */
  readonly unit?: string;
  /** Names of the labels. */
  readonly labels?: Names;
  /** The only values that some of the labels can have. */
  readonly values?: ValueSets;
  /** Bounds of a histogram; the default ones unless given. */
  readonly buckets?: readonly number[];
  /**
   * Only there with the option `seconds`: the same as another one, in the base
   * unit that this one's name should always have had.
   */
  readonly twin?: true;
}

/** The metrics of a vocabulary, by the names that its functions use. */
export type InstrumentSpecs = Readonly<Record<string, InstrumentSpec>>;

/** What a series of such a type can do. */
export type SeriesOf<T> = T extends "counter" ? Counter
  : T extends "gauge" ? Gauge
  : Histogram;

/** The names of the labels in a spec. */
export type LabelsIn<S> = S extends { readonly labels: infer N extends Names }
  ? N
  : readonly [];

/** The closed sets of values in a spec. */
export type SetsIn<S> = S extends { readonly values: infer V extends ValueSets }
  ? V
  : NoSets;

/** The instruments that come of such specs. */
export type InstrumentsOf<I extends InstrumentSpecs> = {
  readonly [K in keyof I]: Instrument<
    LabelsIn<I[K]>,
    SeriesOf<I[K]["type"]>,
    SetsIn<I[K]>
  >;
};

/** The keys of those specs that are of such a type. */
export type KeysOf<I extends InstrumentSpecs, T> = {
  [K in keyof I]: I[K]["type"] extends T ? K : never;
}[keyof I];

/** What a stats collector tells: totals over all labels. */
export type StatsOf<I extends InstrumentSpecs> =
  & {
    readonly [K in KeysOf<I, "counter">]: number;
  }
  & {
    readonly [K in KeysOf<I, "histogram">]: {
      readonly count: number;
      readonly sum: number;
    };
  }
  & {
    readonly [
      K in KeysOf<I, "gauge"> as I[K] extends { readonly labels: Names } ? never
        : K
    ]: number;
  };

/** Options over the defaults of a vocabulary. */
export interface RecorderOptions<I extends InstrumentSpecs> {
  /** Put before every name; that of the vocabulary unless given. */
  readonly namespace?: string;
  /** Put between the namespace and the name; nothing unless given. */
  readonly subsystem?: string;
  /** Put on every series. */
  readonly labels?: Readonly<Record<string, LabelValue>>;
  /** Other bounds for some of the histograms. */
  readonly buckets?: {
    readonly [K in KeysOf<I, "histogram">]?: readonly number[];
  };
  /** Whether metrics in milliseconds have twins in seconds; false. */
  readonly seconds?: boolean;
  /**
   * Gauges that are asked for at each scrape, and not recorded: a number that
   * somebody keeps anyway, such as the size of a map, cannot drift.
   */
  readonly current?: {
    readonly [K in KeysOf<I, "gauge">]?: (
      report: Report<LabelsIn<I[K]>, SetsIn<I[K]>>,
    ) => void;
  };
}

/** The functions of a vocabulary: each tells of something, and returns nothing. */
export type Records<R> = {
  readonly [K in keyof R]: (...told: never[]) => void;
};

/** A vocabulary, as data. */
export interface RecorderSpec<I extends InstrumentSpecs, R> {
  /** What it is called in messages. */
  readonly title: string;
  /** Put before every name unless another one is given. */
  readonly namespace: string;
  /** Put after the namespace unless another one is given. */
  readonly subsystem?: string;
  /** Its metrics. */
  readonly instruments: I;
  /** Its functions, over instruments of any backend. */
  readonly records: (instruments: InstrumentsOf<I>) => R;
}
