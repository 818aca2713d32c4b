/**
 * Liveness and readiness endpoints.
 *
 * - Liveness: the program answers; the response has the current time.
 * - Readiness: every check passes and the program is not shutting down.
 * - A check that throws, rejects or times out fails; the client never sees the
 *   reason.
 */
import { type Clock, systemClock, type Timers } from "../base/mod.ts";
import {
  CLOCK,
  fn,
  ofType,
  readOptions,
  type SchemaOf,
  seconds,
  TIMERS,
  within,
  wrongOption,
} from "../base/internal.ts";
import { isRequestBound } from "../platform/internal.ts";
import { methodResponse, textResponse } from "./guard.ts";

/**
 * A check of one part of the program. It fails if it returns or resolves to
 * false, throws, rejects or times out. `signal` aborts on timeout.
 */
export type Check = (signal: AbortSignal) => unknown;

/** Options of `readyHandler`. */
export interface ReadyOptions {
  /** The checks, by name. Default: none. */
  readonly checks?: Readonly<Record<string, Check>> | undefined;
  /** Seconds that a check may take. Default: 5. */
  readonly timeout?: number | undefined;
  /**
   * Decides whether a client may see the names and results of the checks. They
   * are left out if it takes longer than half a second, since a probe must be
   * answered in time. Default: everyone may.
   */
  readonly showChecks?:
    | ((request: Request) => boolean | Promise<boolean>)
    | undefined;
  /** The timers for the timeout. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

const SCHEMA = {
  checks: ofType<Readonly<Record<string, Check>>>(
    ["object"],
    "an object, such as { database: () => true }",
    {},
  ),
  timeout: seconds(5),
  showChecks: fn<NonNullable<ReadyOptions["showChecks"]>>("(request) => true"),
  timers: TIMERS,
} satisfies SchemaOf<ReadyOptions>;

/** A readiness endpoint. */
export interface ReadyHandler {
  /** Answers a request; never rejects. */
  (request: Request): Promise<Response>;
  /**
   * Marks the program as shutting down: all later answers are 503 `draining`,
   * whatever the checks return.
   */
  drain(): void;
}

const NO_STORE = { "cache-control": "no-store" };

/**
 * Returns a liveness endpoint: `{"status":"healthy","timestamp":…}`, or `OK` for
 * clients that prefer plain text.
 *
 * ```ts
 * import { healthHandler } from "@barograph/barograph/http";
 *
 * const health = healthHandler();
 * console.log((await health(new Request("http://localhost/health"))).status);
 * ```
 *
 * @throws {TypeError} If `clock` is not a clock.
 */
export function healthHandler(
  clock: Clock = systemClock,
): (request: Request) => Promise<Response> {
  if (!CLOCK.accepts(clock)) {
    throw wrongOption("Cannot report health", "clock", clock, CLOCK);
  }
  return (request) => {
    const response = methodResponse(request.method, "GET, HEAD") ??
      (prefersText(request)
        ? textResponse(200, "OK", NO_STORE)
        : Response.json({
          status: "healthy",
          timestamp: timestampOf(clock),
        }, { headers: NO_STORE }));
    return Promise.resolve(response);
  };
}

/** Returns the time of `clock`; of the system if `clock` is broken. */
function timestampOf(clock: Clock): string {
  try {
    return new Date(clock.unix() * 1000).toISOString();
  } catch {
    return new Date(systemClock.unix() * 1000).toISOString();
  }
}

/** Returns whether plain text is the first media type in the Accept header. */
function prefersText({ headers }: Request): boolean {
  const accept = headers.get("accept")?.slice(0, 1000).toLowerCase() ?? "";
  return /^\s*text\/plain\b/.test(accept);
}

/**
 * Returns a readiness endpoint: 200 `ready`, or 503 `not_ready` or `draining`,
 * with `pass` or `fail` for each check.
 *
 * Overlapping requests share one run of the checks, so that many requests never
 * mean many checks.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function readyHandler(options: ReadyOptions = {}): ReadyHandler {
  const action = "Cannot report readiness";
  const { checks, timeout, showChecks, timers } = readOptions(
    action,
    SCHEMA,
    options,
  );
  for (const [name, check] of Object.entries(checks)) {
    if (typeof check === "function") continue;
    throw new TypeError(
      `${action}: check "${name}" is of type ${typeof check}; ` +
        `give a function, such as () => true`,
    );
  }
  let running: ReturnType<typeof run> | undefined;
  const run = async () => {
    try {
      return await Promise.all(
        Object.entries(checks).map(async ([name, check]) =>
          [
            name,
            await passes(check, timeout, timers) ? "pass" : "fail",
          ] as const
        ),
      );
    } finally {
      running = undefined;
    }
  };
  let isDraining = false;

  const handler = async (request: Request): Promise<Response> => {
    const refused = methodResponse(request.method, "GET, HEAD");
    if (refused !== undefined) return refused;
    // Not shared where work ends with its request: others would wait forever.
    const checking = isRequestBound() ? run() : running ??= run();
    const [results, isShown] = await Promise.all([
      checking,
      maySeeChecks(showChecks, request, timers),
    ]);
    const isReady = results.every(([, result]) => result === "pass");
    const status = isDraining ? "draining" : isReady ? "ready" : "not_ready";
    const body = {
      status,
      ...isShown && { checks: Object.fromEntries(results) },
    };
    return Response.json(body, {
      status: status === "ready" ? 200 : 503,
      headers: NO_STORE,
    });
  };
  return Object.assign(handler, {
    drain: () => void (isDraining = true),
  });
}

/** Seconds that `showChecks` may take; orchestrators wait one for a probe. */
const SHOW_SECONDS = 0.5;

async function maySeeChecks(
  showChecks: ReadyOptions["showChecks"],
  request: Request,
  timers: Timers,
): Promise<boolean> {
  if (showChecks === undefined) return true;
  try {
    const verdict = (async () => await showChecks(request))();
    return await within(verdict, SHOW_SECONDS, timers, false) === true;
  } catch {
    return false; // fail closed
  }
}

/** Returns whether `check` passes within `timeout` seconds. Never rejects. */
export async function passes(
  check: Check,
  timeout: number,
  timers: Timers,
): Promise<boolean> {
  const late = new AbortController();
  try {
    const result = (async () => await check(late.signal))();
    const outcome = await within(result, timeout, timers, late);
    if (outcome === late) late.abort();
    return outcome !== late && outcome !== false;
  } catch {
    return false;
  }
}
