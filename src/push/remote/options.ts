/** The options of `remoteWrite`. */
import {
  flag,
  isClassicLabel,
  ofType,
  oneOf,
  quoted,
  type ReadOptions,
  readOptions,
  type SchemaOf,
  text,
  wholeNumber,
} from "../../base/internal.ts";
import { type PushOptions, pushRules } from "../exporter_options.ts";
import { isOfTypes } from "../type_labels.ts";
import type { HistogramChoice } from "./sink.ts";

/** Options of `remoteWrite`. All times are seconds. */
export interface RemoteWriteOptions extends PushOptions {
  /**
   * The whole address, such as `https://prometheus.example/api/v1/write`. Default
   * scheme: http for this computer, for port 9090, for names without a dot and
   * below private domains; https for all other hosts.
   */
  readonly url: string;
  /** The label `job` of all series: the name of the service. */
  readonly job: string;
  /**
   * The label `instance` of all series. Two processes must never share it:
   * their samples would conflict. Default: a random UUID, because neither a
   * host name nor a process id is unique everywhere; so each process has
   * separate series. Set a name that outlives restarts if there is one, such as
   * that of a pod.
   */
  readonly instance?: string | undefined;
  /**
   * Further labels of all series. A label of a metric with the same name as one
   * of them, or named `job` or `instance`, gets the prefix `exported_`, as in a
   * scrape.
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * The version of the protocol. Default: `auto`, which is 2.0 until the
   * receiver turns out to support only 1.0; then the push is sent again at
   * once.
   */
  readonly version?: "auto" | "2.0" | "1.0" | undefined;
  /**
   * The form of histograms that have native buckets. `native`: a native histogram,
   * as Prometheus stores them if it scrapes native histograms. `classic`: series
   * of classic buckets, which every receiver knows; without bounds, that is
   * `+Inf` only. `both`. Default: `native`.
   */
  readonly histograms?: HistogramChoice | undefined;
  /**
   * Whether series end in the receiver at once: when they are removed or expire,
   * and all of them at the shutdown. Otherwise a query still finds them for five
   * minutes. Default: true.
   */
  readonly staleMarkers?: boolean | undefined;
  /**
   * Maximum number of samples in a request; a receiver that answers 413 gets
   * smaller ones from then on. Default: 2000.
   */
  readonly batch?: number | undefined;
  /** Time between two pushes; 0: only `push` and `shutdown` push. Default: 15. */
  readonly interval?: number | undefined;
}

/** Begins each error about an option. */
export const ACTION = "Cannot write to a remote receiver";

/** Rules and defaults of `RemoteWriteOptions`. */
function rules() {
  return {
    ...pushRules(15),
    url: ofType<string>(
      ["string"],
      'an address, such as "http://localhost:9090/api/v1/write"',
      "",
    ),
    job: text("shop", ""),
    instance: text("shop-1"),
    labels: ofType<Readonly<Record<string, string>>>(
      ["object"],
      'such as { region: "eu" }',
      {},
    ),
    version: oneOf<"auto" | "2.0" | "1.0">(["auto", "2.0", "1.0"], "auto"),
    histograms: oneOf<HistogramChoice>(["native", "classic", "both"], "native"),
    staleMarkers: flag(true),
    batch: wholeNumber(2000),
  } satisfies SchemaOf<RemoteWriteOptions>;
}

/** `RemoteWriteOptions` with defaults. */
export type ReadRemoteOptions = ReadOptions<ReturnType<typeof rules>>;

/**
 * Checks the options and fills in the defaults; `url` and `headers` are checked
 * further by their readers.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function readRemoteOptions(
  options: RemoteWriteOptions,
): ReadRemoteOptions {
  const read = readOptions(ACTION, rules(), options);
  if (read.job === "") {
    throw new TypeError(
      `${ACTION}: job is missing; give the name of the service, ` +
        `such as { job: "shop" }`,
    );
  }
  if (read.instance === "") {
    throw new TypeError(
      `${ACTION}: instance is empty; give a name that no other process has, ` +
        `or omit it`,
    );
  }
  for (const [name, value] of Object.entries(read.labels)) {
    if (name === "job" || name === "instance") {
      throw new TypeError(
        `${ACTION}: labels has ${
          quoted(name)
        }; give the option ${name} instead`,
      );
    }
    if (isOfTypes(name)) {
      throw new TypeError(
        `${ACTION}: labels has ${quoted(name)}, which histograms and ` +
          `summaries write; give another name`,
      );
    }
    if (!isClassicLabel(name) || name.startsWith("__")) {
      throw new TypeError(
        `${ACTION}: labels has ${
          quoted(name)
        }; give names of letters, digits ` +
          `and "_" that do not begin with "__"`,
      );
    }
    if (typeof value !== "string") {
      throw new TypeError(
        `${ACTION}: the label ${quoted(name)} is of type ${typeof value}; ` +
          `give a string`,
      );
    }
  }
  return read;
}
