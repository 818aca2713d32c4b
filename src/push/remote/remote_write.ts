/** Pushes metrics over Prometheus remote write. */
import { warn } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import { addressOf, withoutQuery } from "../address.ts";
import { requestHeaders, warnOnce } from "../exporter_options.ts";
import type { MetricPusher } from "../metric_pusher.ts";
import { Pusher } from "../pusher.ts";
import { checkSource } from "../push_source.ts";
import {
  ACTION,
  readRemoteOptions,
  type RemoteWriteOptions,
} from "./options.ts";
import { RemoteTarget } from "./target.ts";

/**
 * Pushes the metrics of `source` to a receiver of Prometheus remote write, for
 * example Prometheus, Mimir, Thanos or VictoriaMetrics. For jobs, serverless
 * functions and processes that cannot be scraped; a server is better scraped.
 *
 * - Writes 2.0, or 1.0 to receivers that support only that; see `version`.
 * - The series are those that a scrape of the same process stores, with start
 *   times, metadata, exemplars and native histograms. Names in UTF-8 are escaped
 *   in 1.0. Gauge histograms have `_sum` and `_count`, as in a scrape of protobuf.
 * - Series that end get stale markers; see `staleMarkers`.
 * - A push that fails is repeated up to ten times in five minutes, before newer
 *   ones; at most four pushes wait.
 * - A clock that goes back by more than a second pauses the pushes until it has
 *   caught up with the samples that the receiver has: earlier ones would be out
 *   of order.
 * - Does not keep the process alive, except during `push` and `shutdown`.
 *
 * Cost of a push: about 2 microseconds for each series. All series are read in
 * one step, which blocks the event loop for about half of that time.
 *
 * ```ts
 * import { counter, defaultRegistry } from "@barograph/barograph";
 * import { remoteWrite } from "@barograph/barograph/push";
 *
 * const rows = counter({ name: "imported_rows_total", help: "Imported rows." });
 *
 * export async function importRows(): Promise<void> {
 *   await using _pusher = remoteWrite(defaultRegistry(), {
 *     url: "http://localhost:9090/api/v1/write",
 *     job: "nightly_import",
 *     interval: 0,
 *     staleMarkers: false, // else its series would end with it
 *   });
 *   rows.inc(42);
 *   // The end of the block pushes the last state.
 * }
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function remoteWrite(
  source: Source,
  options: RemoteWriteOptions,
): MetricPusher {
  checkSource(ACTION, source, "remoteWrite(registry, { url, job })");
  const read = readRemoteOptions(options);
  const { url, isGuessedPlain } = addressOf(read.url, {
    action: "Cannot push",
    advice: 'a receiver, such as "http://localhost:9090/api/v1/write"',
    plainPort: /:9090$/,
  });
  const { href, host, pathname } = url;
  const { "retry-attempt": _, ...headers } = requestHeaders(
    ACTION,
    read.headers,
  );
  const hint = pathname === "/"
    ? "; give the whole address, with a path such as /api/v1/write"
    : "";
  if (isGuessedPlain) {
    warn(
      `metrics are pushed to ${withoutQuery(href)} without encryption; give ` +
        `"https://${host}${pathname}" for TLS, or "http://${host}${pathname}" ` +
        `to confirm`,
    );
  }
  return new Pusher({
    source,
    target: new RemoteTarget({ options: read, url: href, headers }),
    job: "state",
    lastJob: read.staleMarkers ? "end" : undefined,
    options: read,
    onError: read.onError ?? warnOnce("push metrics", href, hint),
  });
}
