/** `/metrics` in every format: what most programs want. */
import { checkOptions } from "../base/internal.ts";
import { allFormats } from "../encode/mod.ts";
import { defaultRegistry } from "../metrics/mod.ts";
import type { Source } from "../model/mod.ts";
import {
  formatHandler,
  type FormatHandlerOptions,
  type Handler,
  KINDS,
} from "./format_handler.ts";

/** What can be asked of a metrics handler. */
export interface MetricsHandlerOptions extends FormatHandlerOptions {
  /** Write `_created` samples in OpenMetrics; see `FormatOptions`. */
  readonly created?: boolean;
}

/**
 * Serves `source`, the default registry unless given, to scrapers.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { metricsHandler } from "@barograph/barograph/http";
 *
 * const registry = createRegistry();
 * const metrics = metricsHandler(registry);
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(await response.text());
 * ```
 *
 * Answers 200 to GET and HEAD (which collects nothing), 204 to OPTIONS, 405 to
 * other methods, 400 to over 100 `name[]`, 503 where too many scrapes are under
 * way, and what `authorize` says to who is not let in. Where a part fails, the
 * rest is served with 200. Where there are parts and every one of them fails,
 * the answer is 500 without a reason: an empty 200 would read as if all series
 * had ended.
 *
 * With `?name[]=…`, once or more often, only families that write such a name
 * are collected, refreshed and served.
 *
 * @throws {TypeError | RangeError} At once, if `source` is none, or if an
 *   option is of the wrong kind or does not exist.
 */
export function metricsHandler(
  source: Source = defaultRegistry(),
  options: MetricsHandlerOptions = {},
): Handler {
  checkOptions("Cannot serve metrics", options, {
    ...KINDS,
    created: [["boolean"], "true or false"],
  });
  const { created = false, ...others } = options;
  return formatHandler(source, allFormats({ created }), others);
}
