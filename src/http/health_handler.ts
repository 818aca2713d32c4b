/**
 * Whether a program lives, and whether it is ready for work.
 *
 * - Living is answering: `healthy`, at this moment.
 * - Being ready is that every check passes, and that the program is not about
 *   to end.
 * - A check that throws, rejects or is late has failed; why is nobody's
 *   business.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds } from "../base/internal.ts";
import { plain } from "./plain.ts";

/** Whether a part of a program is ready: anything but false, if it resolves. */
export type Check = (signal: AbortSignal) => unknown;

/** What can be asked of a readiness handler. */
export interface ReadyOptions {
  /** The checks, by name. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** Seconds that a check may take, 5 unless given. */
  readonly timeout?: number;
  /** Whether who asks may see the names; everybody unless given. */
  readonly showChecks?: (request: Request) => boolean | Promise<boolean>;
}

/** Says whether a program is ready. */
export interface ReadyHandler {
  (request: Request): Promise<Response>;
  /** From now on it is about to end: not ready, whatever the checks say. */
  drain(): void;
}

const NO_STORE = { "cache-control": "no-store" };
const ALLOW = "GET, HEAD";

/** Refuses all methods but those that only look. */
function misused({ method }: Request): Response | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  return plain(405, `use one of ${ALLOW}`, { allow: ALLOW });
}

/**
 * Says that the program lives: `{"status":"healthy","timestamp":…}`, or `OK` to
 * who asks for plain text.
 *
 * ```ts
 * import { healthHandler } from "@barograph/barograph/http";
 *
 * const health = healthHandler();
 * console.log((await health(new Request("http://localhost/health"))).status);
 * ```
 */
export function healthHandler(
  clock: Clock = systemClock,
): (request: Request) => Promise<Response> {
  return (request) => {
    const answer = misused(request) ??
      (wantsText(request) ? plain(200, "OK", NO_STORE) : Response.json({
        status: "healthy",
        timestamp: new Date(clock.unix() * 1000).toISOString(),
      }, { headers: NO_STORE }));
    return Promise.resolve(answer);
  };
}

/** Whether plain text comes before JSON in what is accepted. */
function wantsText({ headers }: Request): boolean {
  const accept = headers.get("accept")?.slice(0, 1000).toLowerCase() ?? "";
  return /^\s*text\/plain\b/.test(accept);
}

const KINDS: Kinds<ReadyOptions> = {
  checks: [["object"], "an object, such as { database: () => true }"],
  timeout: [["number"], "seconds, such as 5"],
  showChecks: [["function"], "a function, such as (request) => true"],
};

/**
 * Says whether the program is ready: 200 `ready`, or 503 `not_ready` or
 * `draining`, with each check's `pass` or `fail`.
 *
 * @throws {TypeError | RangeError} At once, if an option is wrong.
 */
export function readyHandler(options: ReadyOptions = {}): ReadyHandler {
  checkOptions("Cannot tell readiness", options, KINDS);
  const { checks = {}, timeout = 5, showChecks } = options;
  for (const [name, check] of Object.entries(checks)) {
    if (typeof check === "function") continue;
    throw new TypeError(
      `Cannot tell readiness: check "${name}" is of type ${typeof check}; ` +
        `give a function, such as () => true`,
    );
  }
  if (!(timeout > 0 && timeout < 1e6)) {
    throw new RangeError(
      `Cannot tell readiness: timeout is ${timeout}; give seconds, such as 5`,
    );
  }
  /** Who asks meanwhile is told the same: nobody can make checks pile up. */
  let running: ReturnType<typeof run> | undefined;
  const run = async () => {
    try {
      return await Promise.all(
        Object.entries(checks).map(async ([name, check]) =>
          [name, await passes(check, timeout) ? "pass" : "fail"] as const
        ),
      );
    } finally {
      running = undefined;
    }
  };
  let draining = false;

  const handler = async (request: Request): Promise<Response> => {
    const refused = misused(request);
    if (refused !== undefined) return refused;
    running ??= run();
    const results = await running;
    const isReady = results.every(([, result]) => result === "pass");
    const status = draining ? "draining" : isReady ? "ready" : "not_ready";
    const shown = await mayShow(showChecks, request);
    const body = {
      status,
      ...shown && { checks: Object.fromEntries(results) },
    };
    const headers = { ...NO_STORE };
    return Response.json(body, {
      status: status === "ready" ? 200 : 503,
      headers,
    });
  };
  return Object.assign(handler, {
    drain: () => void (draining = true),
  });
}

async function mayShow(
  showChecks: ReadyOptions["showChecks"],
  request: Request,
): Promise<boolean> {
  if (showChecks === undefined) return true;
  try {
    return await showChecks(request) === true;
  } catch {
    return false;
  }
}

/** Whether `check` passes in time. */
async function passes(check: Check, seconds: number): Promise<boolean> {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      late.abort();
      resolve(false);
    }, seconds * 1000);
  });
  try {
    const asked = (async () => await check(late.signal))();
    asked.catch(() => {}); // it may fail after it was given up
    return await Promise.race([asked, limit]) !== false;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
