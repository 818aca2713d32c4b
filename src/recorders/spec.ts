/** The declaration of a recorder: instruments as data, and their types. */
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

/** Declares one instrument of a recorder. */
export interface InstrumentSpec {
  /** The metric type. */
  readonly type: "counter" | "gauge" | "histogram";
  /** The name without the namespace. */
  readonly name: string;
  /** The help text: one sentence. */
  readonly help: string;
  /** The base unit; the name must end in it. */
  readonly unit?: string;
  /** The label names. */
  readonly labels?: Names;
  /** The closed value sets of some labels. */
  readonly values?: ValueSets;
  /** Bucket bounds of a histogram. Default: `DEFAULT_BUCKETS`. */
  readonly buckets?: readonly number[];
  /** Marks a copy of another metric in base units, declared with `seconds: true`. */
  readonly twin?: true;
}

/** The instruments of a recorder, by the keys that its functions use. */
export type InstrumentSpecs = Readonly<Record<string, InstrumentSpec>>;

/** The series of a metric type. */
export type SeriesOf<T> = T extends "counter" ? Counter
  : T extends "gauge" ? Gauge
  : Histogram;

/** The label names of a spec. */
export type LabelsIn<S> = S extends { readonly labels: infer N extends Names }
  ? N
  : readonly [];

/** The closed value sets of a spec. */
export type SetsIn<S> = S extends { readonly values: infer V extends ValueSets }
  ? V
  : NoSets;

/** The instruments that the specs declare, by key. */
export type InstrumentsOf<I extends InstrumentSpecs> = {
  readonly [K in keyof I]: Instrument<
    LabelsIn<I[K]>,
    SeriesOf<I[K]["type"]>,
    SetsIn<I[K]>
  >;
};

/** The keys of the specs of a metric type. */
export type KeysOf<I extends InstrumentSpecs, T> = {
  [K in keyof I]: I[K]["type"] extends T ? K : never;
}[keyof I];

/** The totals of the stats backend over all labels; gauges with labels have none. */
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

/** Options of `Recorder.on`. */
export interface RecorderOptions<I extends InstrumentSpecs> {
  /** Prefix of every name. Default: the namespace of the recorder. */
  readonly namespace?: string | undefined;
  /** Prefix between namespace and name. Default: the subsystem of the recorder. */
  readonly subsystem?: string | undefined;
  /** Labels that are added to every series. Default: none. */
  readonly labels?: Readonly<Record<string, LabelValue>> | undefined;
  /** Bucket bounds by instrument. Default: the declared bounds. */
  readonly buckets?:
    | { readonly [K in KeysOf<I, "histogram">]?: readonly number[] }
    | undefined;
  /** Declares each metric in milliseconds in seconds too. Default: false. */
  readonly seconds?: boolean | undefined;
  /**
   * Callbacks by instrument that report gauges at each scrape. Functions that
   * record these gauges have no effect. Use a callback for a number that the
   * program has anyway, such as the size of a map: it cannot drift.
   */
  readonly current?:
    | {
      readonly [K in KeysOf<I, "gauge">]?: (
        report: Report<LabelsIn<I[K]>, SetsIn<I[K]>>,
      ) => void;
    }
    | undefined;
}

/** The functions of a recorder; none returns a value. */
export type Records<R> = {
  readonly [K in keyof R]: (...args: never[]) => void;
};

/** Options of `defineRecorder`. */
export interface RecorderSpec<I extends InstrumentSpecs, R> {
  /** The name of the recorder in error messages. */
  readonly title: string;
  /** Prefix of every name; the option `namespace` of `on` replaces it. */
  readonly namespace: string;
  /** Prefix after the namespace; the option `subsystem` of `on` replaces it. */
  readonly subsystem?: string;
  /** The instruments. */
  readonly instruments: I;
  /** Returns the functions, which record into the instruments of a backend. */
  readonly records: (instruments: InstrumentsOf<I>) => R;
}
