/** Pushes metrics to a Prometheus Pushgateway. */
import {
  flag,
  ofType,
  oneOf,
  readOptions,
  type SchemaOf,
  text,
} from "../../base/internal.ts";
import { prometheusProto, prometheusText } from "../../encode/mod.ts";
import type { Source } from "../../model/mod.ts";
import { type Address, addressOf } from "../address.ts";
import { type PushOptions, pushRules } from "../exporter_options.ts";
import type { MetricPusher } from "../metric_pusher.ts";
import { checkSource } from "../push_source.ts";
import type { Pass } from "../push_target.ts";
import { bodyPusher } from "./body_pusher.ts";
import { exposed, type Exposition } from "./exposition.ts";
import { type GroupLabels, groupLabels, groupPath } from "./grouping_key.ts";

/** Options of `pushgateway`. All times are seconds. */
export interface PushgatewayOptions extends PushOptions {
  /**
   * Address of the gateway, such as `http://localhost:9091`, with the path under
   * which it is served, if any; `/metrics` may end it. Default scheme: http for
   * this computer, for port 9091, for names without a dot and below private
   * domains; https for all other hosts.
   */
  readonly url: string;
  /**
   * The label `job` of the group: the program that pushes, such as `backup`.
   * Any Unicode text.
   */
  readonly job: string;
  /**
   * Further labels of the group, such as `{ instance: "db1" }`: each set of
   * values is a separate group. Values are any Unicode text. Names that are not
   * classic need a gateway with `--push.enable-utf8-names`. Default: none.
   */
  readonly grouping?: Readonly<Record<string, string>> | undefined;
  /**
   * `put` replaces the whole group; `post` replaces only metrics of the same
   * names. Default: `put`.
   */
  readonly method?: "put" | "post" | undefined;
  /**
   * The format of the body. `auto`: text, or protobuf once there are exemplars or
   * native histograms, which text cannot express. Default: `auto`.
   */
  readonly format?: "auto" | "text" | "protobuf" | undefined;
  /**
   * Whether `shutdown`, disposing and the signals that end the process delete the
   * group after the last push. A gateway keeps groups for ever. Default: false.
   */
  readonly deleteOnClose?: boolean | undefined;
  /**
   * Whether to compress bodies with gzip, until the gateway answers 415.
   * Default: true.
   */
  readonly compress?: boolean | undefined;
  /** Time between two pushes; 0: only by hand and at the end. Default: 0. */
  readonly interval?: number | undefined;
}

/** Pushes metrics to one group of a gateway. */
export interface GatewayPusher extends MetricPusher {
  /**
   * Deletes the group, including metrics that other programs have pushed.
   * Resolves to true once the gateway has accepted that; see `push`. Never
   * rejects.
   *
   * `shutdown` and disposing then push nothing, unless `push` is called again.
   */
  delete(signal?: AbortSignal): Promise<boolean>;
}

const ACTION = "Cannot push to a gateway";

/** Families of the gateway itself. */
const OWN_FAMILIES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "push_time_seconds",
  "push_failure_time_seconds",
]);

type Job = "put" | "post" | "delete";

/**
 * Pushes the metrics of a source to a group of a Prometheus Pushgateway: for jobs
 * that end before anything could scrape them.
 *
 * - `push` replaces the group, or its metrics of the same names if `method` is
 *   `post`. Disposing pushes a last time, except after `delete`.
 * - A push is tried up to 5 times; only status codes from 500 on and failures of
 *   the network are repeated.
 * - A family with a label of the group, or with a name that the gateway itself
 *   uses, is left out and reported: the gateway would overwrite it.
 * - A gateway keeps metrics for ever, so gauges of times are more useful than
 *   counters: `backup_last_success_timestamp_seconds`. Scrape it with
 *   `honor_labels: true`.
 *
 * ```ts ignore
 * import { createRegistry } from "@barograph/barograph";
 * import { pushgateway } from "@barograph/barograph/push";
 *
 * const registry = createRegistry();
 * await using gateway = pushgateway(registry, {
 *   url: "http://localhost:9091",
 *   job: "backup",
 * });
 * // … the work; its end, also by an error, pushes
 * ```
 *
 * @throws {TypeError | RangeError} If an argument is wrong.
 */
export function pushgateway(
  source: Source,
  options: PushgatewayOptions,
): GatewayPusher {
  checkSource(ACTION, source, "pushgateway(registry, { url, job })");
  // Not a constant of the module, so that bundles can drop it.
  const schema = {
    url: text("http://localhost:9091", ""),
    job: text("backup", ""),
    grouping: ofType<Readonly<Record<string, string>>>(
      ["object"],
      'such as { instance: "db1" }',
      {},
    ),
    method: oneOf<"put" | "post">(["put", "post"], "put"),
    format: oneOf<"auto" | "text" | "protobuf">(
      ["auto", "text", "protobuf"],
      "auto",
    ),
    deleteOnClose: flag(false),
    compress: flag(true),
    ...pushRules(0),
  } satisfies SchemaOf<PushgatewayOptions>;
  const read = readOptions(ACTION, schema, options);
  const { method, format, deleteOnClose } = read;
  const labels = groupLabels(ACTION, read.job, read.grouping);
  const names = { labels, families: OWN_FAMILIES };
  let isRich = format === "protobuf";
  const written = (pass: Pass): Exposition => {
    if (!isRich) {
      const text = exposed(pass, prometheusText, names);
      if (format === "text" || !text.isRich) return text;
      isRich = true; // from now on: protobuf can express all of text
    }
    return exposed(pass, prometheusProto, names);
  };
  const pusher = bodyPusher<Job>({
    action: ACTION,
    source,
    address: groupAddress(read.url, labels),
    options: read,
    receiver: "the gateway",
    isRetried: (status) => status >= 500,
    reads: (job) => job !== "delete",
    encode(pass, job) {
      if (job === "delete") return { method: "DELETE", points: 0 };
      const exposition = written(pass);
      if (exposition.hasFailed) return undefined; // it would empty the group
      return { ...exposition, method: job === "put" ? "PUT" : "POST" };
    },
    job: method,
    lastJob: deleteOnClose ? "delete" : undefined,
    finalJob: "delete",
  });
  return {
    push: (signal) => pusher.push(signal),
    delete: (signal) => pusher.send("delete", signal),
    shutdown: (seconds) => pusher.shutdown(seconds),
    stats: () => pusher.stats(),
    [Symbol.asyncDispose]: () => pusher[Symbol.asyncDispose](),
  };
}

/**
 * Returns the address of a group.
 *
 * @throws {TypeError} If `given` is not the address of a gateway.
 */
function groupAddress(given: string, labels: GroupLabels): Address {
  const address = addressOf(given, {
    action: "Cannot push",
    advice: 'a Pushgateway, such as "http://localhost:9091"',
    plainPort: /:9091$/,
  });
  const { url } = address;
  const base = url.pathname.replace(/(?:\/metrics)?\/*$/, "");
  url.pathname = base + groupPath(labels);
  return address;
}
