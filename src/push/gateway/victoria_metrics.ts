/** Pushes metrics to VictoriaMetrics. */
import {
  display,
  flag,
  isUtf8Name,
  ofType,
  quoted,
  readOptions,
  type SchemaOf,
  text,
} from "../../base/internal.ts";
import { prometheusText } from "../../encode/mod.ts";
import type { Source } from "../../model/mod.ts";
import { type Address, addressOf } from "../address.ts";
import { type PushOptions, pushRules } from "../exporter_options.ts";
import type { MetricPusher } from "../metric_pusher.ts";
import { checkSource } from "../push_source.ts";
import { isOfTypes } from "../type_labels.ts";
import { bodyPusher } from "./body_pusher.ts";
import { exposed } from "./exposition.ts";

/** Options of `victoriaMetrics`. All times are seconds. */
export interface VictoriaMetricsOptions extends PushOptions {
  /**
   * Address of VictoriaMetrics or vmagent, such as `http://localhost:8428`; of a
   * cluster, with the path of the tenant. `/api/v1/import/prometheus` is appended
   * unless the path ends in `/import/prometheus`. Default scheme: http for this
   * computer, for ports 8428 and 8429, for names without a dot and below private
   * domains; https for all other hosts.
   */
  readonly url: string;
  /**
   * Labels of all series, such as `{ job: "shop", instance: "a:8080" }`: a scrape
   * would add them. Default: none.
   */
  readonly extraLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether to compress bodies with gzip, until the receiver answers 415.
   * Default: true.
   */
  readonly compress?: boolean | undefined;
  /** Time between two pushes; 0: only by hand and at the end. Default: 15. */
  readonly interval?: number | undefined;
}

const ACTION = "Cannot push to VictoriaMetrics";

const TOO_MANY_REQUESTS = 429;

const PATH = "/api/v1/import/prometheus";

const NO_FAMILIES: ReadonlySet<string> = /* @__PURE__ */ new Set();

/**
 * Pushes the metrics of a source to VictoriaMetrics or vmagent, as text.
 *
 * - The receiver takes the time of arrival as the time of the samples, so a push
 *   that waits is replaced by a newer one.
 * - A push is tried up to 5 times; status 429, those from 500 on and failures of
 *   the network are repeated.
 * - The text has neither exemplars nor native buckets: only count and sum of a
 *   native histogram arrive. `otlpMetrics` sends its buckets as well.
 * - A family with one of the extra labels is left out and reported.
 *
 * ```ts ignore
 * import { createRegistry } from "@barograph/barograph";
 * import { victoriaMetrics } from "@barograph/barograph/push";
 *
 * const registry = createRegistry();
 * await using pusher = victoriaMetrics(registry, {
 *   url: "http://localhost:8428",
 *   extraLabels: { job: "shop" },
 * });
 * ```
 *
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function victoriaMetrics(
  source: Source,
  options: VictoriaMetricsOptions,
): MetricPusher {
  checkSource(ACTION, source, "victoriaMetrics(registry, { url })");
  const schema = {
    url: text("http://localhost:8428", ""),
    extraLabels: ofType<Readonly<Record<string, string>>>(
      ["object"],
      'such as { job: "shop" }',
      {},
    ),
    compress: flag(true),
    ...pushRules(15),
  } satisfies SchemaOf<VictoriaMetricsOptions>;
  const read = readOptions(ACTION, schema, options);
  const address = importAddress(read.url, read.extraLabels);
  const names = {
    labels: new Set(Object.keys(read.extraLabels)),
    families: NO_FAMILIES,
  };
  return bodyPusher<undefined>({
    action: ACTION,
    source,
    address,
    options: read,
    receiver: "the receiver",
    isRetried: (status) => status === TOO_MANY_REQUESTS || status >= 500,
    encode(pass) {
      const exposition = exposed(pass, prometheusText, names);
      return exposition.points === 0
        ? undefined
        : { ...exposition, method: "POST" };
    },
    job: undefined,
  });
}

/**
 * Returns the address of the import, with the labels in its query.
 *
 * @throws {TypeError} If the address or a label is wrong.
 */
function importAddress(
  given: string,
  labels: Readonly<Record<string, unknown>>,
): Address {
  const address = addressOf(given, {
    action: "Cannot push",
    advice: 'VictoriaMetrics, such as "http://localhost:8428"',
    plainPort: /:842[89]$/,
  });
  const { url } = address;
  if (!/\/import\/prometheus\/?$/.test(url.pathname)) {
    url.pathname = url.pathname.replace(/\/*$/, PATH);
  }
  for (const [name, value] of Object.entries(labels)) {
    const label = `${ACTION}: the extra label ${quoted(name)}`;
    if (isOfTypes(name)) {
      throw new TypeError(
        `${label} is written by histograms and summaries; give another name`,
      );
    }
    if (!isUtf8Name(name) || name.includes("=")) {
      throw new TypeError(`${label} cannot be a label; give another name`);
    }
    if (typeof value !== "string") {
      throw new TypeError(`${label} is ${display(value)}; give a string`);
    }
    url.searchParams.append("extra_label", `${name}=${value.toWellFormed()}`);
  }
  return address;
}
