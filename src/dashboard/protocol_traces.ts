/** The messages about traces, health and the fleet, as they stand in JSON. */

/** A trace in a list. */
export interface TraceSummary {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Name of the root span, such as `POST /orders`. */
  readonly root: string;
  /** Service of the root span. */
  readonly service: string;
  /** Method of the root span; empty if none. */
  readonly method: string;
  /** Route of the root span as in the metrics; empty if none. */
  readonly route: string;
  /** Status code; null if it has none. */
  readonly status: number | null;
  /** Unix time. */
  readonly start: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** Whether any of its spans failed. */
  readonly failed: boolean;
  /** Why it failed, or the span with most own time, such as `db.search 2.96 s`. */
  readonly cause: string;
  /** Number of kept spans. */
  readonly spans: number;
}

/** The answer to `traces?list=latest|slowest|failed&route=&text=`. */
export interface TraceList {
  /** See `Hello.epoch`. */
  readonly epoch: string;
  /** The list. */
  readonly list: "latest" | "slowest" | "failed";
  /** The traces of the list. */
  readonly traces: readonly TraceSummary[];
  /** Numbers of all kept traces, by list. */
  readonly counts: {
    readonly latest: number;
    readonly slowest: number;
    readonly failed: number;
  };
  /** Number of spans that could not be kept. */
  readonly lost: number;
  /** Bytes that all kept traces take. */
  readonly bytes: number;
}

/** A span of a trace. */
export interface TraceSpan {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Id of its parent; empty for none. The parent may be missing. */
  readonly parent: string;
  /** Name of the span. */
  readonly name: string;
  /** Kind of the span, such as `server`. */
  readonly kind: string;
  /** Service of the span. */
  readonly service: string;
  /** Milliseconds since the start of the trace. */
  readonly startMs: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** Milliseconds not covered by children. */
  readonly ownMs: number;
  /** Whether it failed. */
  readonly failed: boolean;
  /** Message of the status; empty if none. */
  readonly error: string;
  /** Attributes that may be shown. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Events of the span. */
  readonly events: readonly {
    readonly name: string;
    readonly ms: number;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** Links to other spans. */
  readonly links: readonly { readonly trace: string; readonly span: string }[];
  /**
   * The histogram that has counted it, and the labels of its series; null if it
   * is not known.
   */
  readonly countedIn:
    | {
      readonly family: string;
      readonly labels: Readonly<Record<string, string>>;
    }
    | null;
}

/** The answer to `traces/ID`. */
export interface Trace extends TraceSummary {
  /** The kept spans, by start. */
  readonly all: readonly TraceSpan[];
  /** Spans beyond the limit of one trace, which are not kept. */
  readonly lost: number;
}

/** Checks, sources and the telemetry itself. */
export interface Health {
  /** Checks of readiness. */
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly ms: number | null;
  }[];
  /** Sources of metrics, those that fail first. */
  readonly sources: readonly {
    readonly name: string;
    readonly ok: boolean;
    /** Failures since the start, and the newest error; "" if there is none. */
    readonly failures: number;
    readonly error: string;
  }[];
  /** Counts of the telemetry itself, such as spans lost, by name. */
  readonly self: readonly {
    readonly name: string;
    readonly help: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
  /** Members of the fleet; null without one. */
  readonly fleet: readonly FleetMember[] | null;
}

/** A member of the fleet. */
export interface FleetMember {
  /** Name of the member. */
  readonly name: string;
  /** Whether its figures are up to date. */
  readonly state: "joined" | "late" | "gone";
  /** Whether it has sent this message. */
  readonly isThis: boolean;
  /** Seconds since its figures were published. */
  readonly age: number | null;
  /** Id of its process. */
  readonly pid: number | null;
  /** Requests since its start. */
  readonly requests: number | null;
  /** Failed requests since its start. */
  readonly errors: number | null;
  /** Resident bytes. */
  readonly memory: number | null;
}
