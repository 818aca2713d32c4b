/** The options that everything that pushes shares, and their rules. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  ofType,
  type ReadOptions,
  rule,
  type SchemaOf,
  seconds,
  TIMERS,
  VERSION,
  warn,
} from "../base/internal.ts";
import { type Address, withoutQuery } from "./address.ts";
import { withWords } from "./fault.ts";
import { platformFetch, type PostFetch } from "./post.ts";

/** Options of everything that pushes. All times are seconds. */
export interface ExporterOptions {
  /**
   * Headers of each request, such as `authorization`. The headers that describe
   * the body are set by the exporter. Default of `user-agent`: name and version
   * of this module.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Maximum duration of a request. Default: 10. */
  readonly timeout?: number | undefined;
  /**
   * Called for each request that failed, with the words of the receiver; not for
   * one that is sent again at once because it is too large. Its exceptions and
   * rejections are ignored. Default: the first failure is logged.
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * Whether SIGTERM and SIGINT push the remaining data before they end the
   * process, for at most 5 seconds and 1 second. A program that listens for the
   * signal itself decides when the process ends. Default: true.
   */
  readonly signals?: boolean | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: PostFetch | undefined;
  /** Returns a number from 0 up to 1, to jitter retries. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Timers of the exporter. Default: the timers of the runtime. */
  readonly timers?: Timers | undefined;
  /** Clock of the exporter. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** Returns the rules and defaults of `ExporterOptions`. */
export function exporterRules() {
  return {
    headers: ofType<Readonly<Record<string, string>>>(
      ["object"],
      "such as { authorization }",
      {},
    ),
    timeout: seconds(10),
    onError: fn<(error: Error) => void>("(error) => {}"),
    signals: flag(true),
    fetch: ofType<PostFetch>(
      ["function"],
      "a function, such as fetch",
      platformFetch,
    ),
    random: ofType<() => number>(
      ["function"],
      "a function, such as Math.random",
      Math.random,
    ),
    timers: TIMERS,
    clock: CLOCK,
  } satisfies SchemaOf<ExporterOptions>;
}

/** Options of everything that pushes metrics. All times are seconds. */
export interface PushOptions extends ExporterOptions {
  /**
   * Time between two pushes; 0: only `push` and `shutdown` push. On runtimes that
   * bind timers to requests, such as Cloudflare Workers, it is always 0.
   */
  readonly interval?: number | undefined;
}

/** Returns the rules of `PushOptions`; `interval` is the default of that option. */
export function pushRules(interval: number) {
  return {
    ...exporterRules(),
    interval: rule<number>(
      (value) => typeof value === "number" && value >= 0 && value < 1e6,
      `seconds, such as ${interval || 15}, or 0 to push by hand only`,
      interval,
    ),
  } satisfies SchemaOf<PushOptions>;
}

/** `PushOptions` with defaults. */
export type ReadPushOptions = ReadOptions<ReturnType<typeof pushRules>>;

/**
 * Returns the headers of each request. `Headers` decides which are valid.
 * `action` begins the error. Without `contentType` the requests set it.
 *
 * @throws {TypeError} If a header is invalid. The message does not contain its
 *   value, which may be a secret.
 */
export function requestHeaders(
  action: string,
  headers: Readonly<Record<string, string>>,
  contentType?: string,
): Readonly<Record<string, string>> {
  const checked = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    let advice = `is of type ${typeof value}; give a string`;
    try {
      if (typeof value !== "string") throw undefined;
      advice = "cannot be sent; give a name without spaces, and a value of " +
        "one line";
      checked.set(name, value);
    } catch {
      throw new TypeError(
        `${action}: the header ${JSON.stringify(name)} ${advice}`,
      );
    }
  }
  checked.delete("content-type");
  checked.delete("content-encoding");
  checked.delete("content-length");
  if (contentType !== undefined) checked.set("content-type", contentType);
  if (!checked.has("user-agent")) {
    checked.set("user-agent", `barograph/${VERSION}`);
  }
  const pairs: [string, string][] = [];
  checked.forEach((value, name) => pairs.push([name, value]));
  return Object.fromEntries(pairs);
}

/**
 * Returns the default of `onError`, which logs the first failure. `what` is the
 * work, such as `push metrics`; `hint` is added to the message.
 */
export function warnOnce(
  what: string,
  url: string,
  hint = "",
): (error: Error) => void {
  return firstOf(({ message }) =>
    warn(
      withWords(`cannot ${what} to ${withoutQuery(url)}`, message) +
        `${hint}; give the option onError to get further failures`,
    )
  );
}

/**
 * Returns how parts and families that are left out of a push are reported: to
 * `onError`, or else the first one is logged.
 */
export function leftOutReporter(
  onError: ((error: Error) => void) | undefined,
): (error: Error) => void {
  return onError ??
    firstOf(({ message }) =>
      warn(withWords("cannot push everything", message))
    );
}

function firstOf(report: (error: Error) => void): (error: Error) => void {
  let isDone = false;
  return (error) => {
    if (isDone) return;
    isDone = true;
    report(error);
  };
}

/** Warns if http was chosen for a host that may be another computer. */
export function warnIfPlain(
  what: string,
  { url, isGuessedPlain }: Address,
): void {
  if (!isGuessedPlain) return;
  const { protocol, host, href } = url;
  warn(
    `${what} to ${withoutQuery(href)} without encryption; give ` +
      `"https://${host}" for TLS, or "${protocol}//${host}" to confirm`,
  );
}
