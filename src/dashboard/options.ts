/** Options of `dashboard`. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  flag,
  fn,
  ofType,
  type OptionRule,
  rule,
  type SchemaOf,
  text,
  wholeNumber,
  withMethods,
} from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import type { Authorize, Check, Hosts, Redact } from "../http/mod.ts";
import { HOSTS } from "../http/internal.ts";
import type { Source } from "../model/mod.ts";
import type { Tracer } from "../trace/mod.ts";
import { isKey, KEY_ADVICE } from "./access.ts";
import { HISTORY_BYTES } from "./history/history.ts";

/** Options of `dashboard`. Default of each part: that of the telemetry. */
export interface DashboardOptions {
  /**
   * The key that readers of the page need, 16 to 256 printable ASCII characters.
   * Default: the variable `BAROGRAPH_DASHBOARD_KEY`; without it a random one, or
   * none if there is an `authorize`, which then decides alone.
   */
  readonly key?: string | undefined;
  /**
   * Whether to print the address of the page, with a random key, when it is
   * mounted; a function receives the line instead. Default: true, to standard
   * error.
   */
  readonly print?: boolean | ((line: string) => void) | undefined;
  /**
   * Decides who may read, in addition to the option `key`. The key that the
   * page sends is also tried as a bearer token. Default: that of the telemetry.
   */
  readonly authorize?: Authorize | undefined;
  /** The names by which clients may address the page; others get 403. */
  readonly hosts?: Hosts | undefined;
  /** Removes sensitive data from events, spans and errors before they are shown. */
  // deno-lint-ignore no-explicit-any -- events of any topics
  readonly redact?: Redact<any> | undefined;
  /**
   * Whether query strings are shown, in `url.query` and `url.full`. Default:
   * false.
   */
  readonly queries?: boolean | undefined;
  /**
   * The names of headers whose values are shown in attributes of spans, such as
   * `["x-request-id"]`. Default: none.
   */
  readonly headers?: readonly string[] | undefined;
  /** The maximum size of the history in bytes. Default: 8 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * The maximum number of open feeds; a page has one while it is visible. Further
   * ones get 503. Default: 32.
   */
  readonly maxFeeds?: number | undefined;
  /** The metrics to show. Default: those of the telemetry, or the default registry. */
  readonly registry?: Source | undefined;
  /** The tracer whose traces are shown. */
  readonly tracer?: Tracer | undefined;
  /** The bus whose events are shown, and on which findings are published. */
  // deno-lint-ignore no-explicit-any -- a bus of any topics
  readonly bus?: Bus<any> | undefined;
  /** The name of the service. */
  readonly service?: string | undefined;
  /** The version of the service. */
  readonly version?: string | undefined;
  /** The checks whose results are shown, by name. */
  readonly checks?: Readonly<Record<string, Check>> | undefined;
  /** The clock of the page. */
  readonly clock?: Clock | undefined;
  /** The timers of the page. */
  readonly timers?: Timers | undefined;
}

/** The action in the errors of `dashboard`. */
export const ACTION = "Cannot make a dashboard";

/** The rule of the path of a page. */
export const PATH: OptionRule<string | undefined> = /* @__PURE__ */ rule(
  (value) =>
    typeof value === "string" &&
    /^(?:\/[\w~.!$&'()*+,;=:@-]+)+$/.test(value) &&
    !/\/\.\.?(?:\/|$)/.test(value),
  'one that begins and does not end with "/", such as "/_barograph"',
);

/** The rule of a key; the error does not show it. */
const KEY: OptionRule<string | undefined> = {
  accepts: isKey,
  advice: KEY_ADVICE,
  fallback: undefined,
  isShown: false,
};

/** Rules of `DashboardOptions`. */
export const DASHBOARD_OPTIONS = {
  key: KEY,
  print: ofType<boolean | ((line: string) => void)>(
    ["boolean", "function"],
    "true, false or a function, such as (line) => console.log(line)",
    true,
  ),
  authorize: fn<Authorize>("(request) => true"),
  hosts: HOSTS,
  // deno-lint-ignore no-explicit-any -- events of any topics
  redact: fn<Redact<any>>("(event) => event"),
  queries: flag(false),
  headers: rule<readonly string[]>(
    (value) =>
      Array.isArray(value) &&
      value.every((name) => typeof name === "string" && name !== ""),
    'a list of names, such as ["x-request-id"]',
    [],
  ),
  maxBytes: HISTORY_BYTES,
  maxFeeds: wholeNumber(32),
  registry: rule<Source>(
    (value) => typeof (value as Partial<Source> | null)?.collect === "function",
    "a registry, such as createRegistry()",
  ),
  tracer: withMethods<Tracer>(["onEnd"], "a tracer, such as createTracer()"),
  // deno-lint-ignore no-explicit-any -- a bus of any topics
  bus: withMethods<Bus<any>>(["subscribe"], "a bus, such as createBus()"),
  service: text("shop"),
  version: text("1.2.0"),
  checks: ofType<Readonly<Record<string, Check>>>(
    ["object"],
    "checks, such as { database: () => true }",
  ),
  clock: withMethods<Clock>(
    ["unix", "mono"],
    "a clock with unix() and mono(), such as systemClock",
  ),
  timers: withMethods<Timers>(
    ["after", "every"],
    "an object with after() and every()",
  ),
} satisfies SchemaOf<DashboardOptions>;
