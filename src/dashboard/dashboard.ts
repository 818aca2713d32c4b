/**
 * `dashboard`: the live page as a value that is mounted.
 *
 * - All pages of a process have one random key.
 * - Nothing runs before it is mounted, and nothing after it was disposed of.
 */
import { systemClock, systemTimers } from "../base/mod.ts";
import {
  callSafely,
  processWide,
  type ReadOptions,
  readOptions,
  wrongOption,
} from "../base/internal.ts";
import type { Authorize, MountedPage, Page, PageParts } from "../http/mod.ts";
import { textResponse } from "../http/internal.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
import { isRequestBound, program, variable } from "../platform/internal.ts";
import { Access, isKey, KEY_ADVICE, randomKey } from "./access.ts";
import { coreOf } from "./core.ts";
import { mounted } from "./mounted.ts";
import {
  ACTION,
  DASHBOARD_OPTIONS,
  type DashboardOptions,
  PATH,
} from "./options.ts";
import { Redaction } from "./redaction.ts";

/** The live page of an application. */
export interface Dashboard extends Page, Disposable {
  /**
   * Answers requests for the page in your own router, which needs no mounting:
   * the options decide which parts it has. `request` has the path of the page,
   * or one below it. Never rejects.
   */
  readonly handler: (request: Request) => Promise<Response>;
  /**
   * Returns the address of the page with its key, as it is printed, at an origin
   * such as `http://localhost:8000`.
   */
  address(origin: string): string;
}

/** The random key of the process: an open page survives a hot reload. */
const RANDOM_KEY = Symbol.for("barograph.dashboard.key.1");

/** The variable that has the key. */
const KEY_VARIABLE = "BAROGRAPH_DASHBOARD_KEY";

const NO_PROCESS =
  "the page needs a program that lives longer than one request";

/**
 * Makes the live page of an application: its metrics, traces and events with an
 * hour of history. Mount it by the option `dashboard` of `observe`, of the
 * functions of a telemetry, of adapters of frameworks, or of `serveTelemetry`.
 *
 * ```ts
 * import { observe } from "@barograph/barograph";
 * import { dashboard } from "@barograph/barograph/dashboard";
 *
 * export default {
 *   fetch: observe(() => new Response("hello"), {
 *     route: "/",
 *     dashboard: dashboard("/_barograph"),
 *   }),
 * };
 * ```
 *
 * The page samples the registry from the mount on. For 1000 series this takes less
 * than a hundredth of a core; the history takes at most 8 MiB.
 *
 * @throws {TypeError | RangeError} If the path or an option is wrong.
 */
export function dashboard(
  path: string,
  options: DashboardOptions = {},
): Dashboard {
  const read = readOptions(ACTION, DASHBOARD_OPTIONS, options);
  if (!PATH.accepts(path)) throw wrongOption(ACTION, "path", path, PATH);
  return new DashboardPage(path, read);
}

type Settings = ReadOptions<typeof DASHBOARD_OPTIONS>;

class DashboardPage implements Dashboard {
  readonly path: string;
  readonly #settings: Settings;
  /** The key of the options or of the variable. */
  readonly #given: string | undefined;
  /** Of the options, or of the newest mount. */
  #authorize: Authorize | undefined;
  /** The mount of `handler`. */
  #own: MountedPage | undefined;

  constructor(path: string, settings: Settings) {
    this.path = path;
    this.#settings = settings;
    this.#authorize = settings.authorize;
    this.#given = settings.key ?? keyOfVariable();
  }

  readonly handler = (request: Request): Promise<Response> => {
    this.#own ??= this.mount({
      registry: this.#settings.registry ?? defaultBareRegistry(),
      clock: systemClock,
      timers: systemTimers,
    });
    return this.#own.handler(request);
  };

  address(origin: string): string {
    const key = this.#keyBeside(this.#authorize);
    const fragment = key === undefined ? "" : `#k=${encodeURIComponent(key)}`;
    return `${origin}${this.path}${fragment}`;
  }

  mount(parts: PageParts): MountedPage {
    if (isRequestBound()) return INERT;
    const { headers, maxBytes, maxFeeds, queries } = this.#settings;
    const all: PageParts = { ...parts, ...given(this.#settings) };
    const { authorize, hosts, redact, timers } = all;
    this.#authorize = authorize;
    const key = this.#keyBeside(authorize);
    const redaction = new Redaction({ redact, queries, headers });
    return mounted({
      path: this.path,
      parts: all,
      access: new Access({ key, authorize, hosts, timers }),
      redaction,
      core: coreOf(all, redaction, maxBytes),
      maxFeeds,
      announce: (origin = "") => this.#announce(origin, key),
    });
  }

  [Symbol.dispose](): void {
    this.#own?.[Symbol.dispose]();
  }

  /** Returns the key that readers need; undefined if `authorize` decides alone. */
  #keyBeside(authorize: Authorize | undefined): string | undefined {
    if (this.#given !== undefined || authorize !== undefined) {
      return this.#given;
    }
    return processWide(RANDOM_KEY, randomKey);
  }

  #announce(origin: string, key: string | undefined): void {
    const { print } = this.#settings;
    if (print === false) return;
    // Only a random key is printed: whoever chose one knows it, and logs are read
    // by many.
    const fragment = key === undefined || key === this.#given
      ? ""
      : `#k=${key}`;
    const line = `The live page is at ${origin}${this.path}${fragment}`;
    if (print === true) program().print(line);
    else callSafely(print, line);
  }
}

/** A page where nothing can be mounted. */
const INERT: MountedPage = {
  handler: () => Promise.resolve(textResponse(501, NO_PROCESS)),
  announce: () => {},
  close: () => {},
  [Symbol.dispose]: () => {},
};

/** The options that replace parts of the service. */
const PARTS = [
  "authorize",
  "bus",
  "checks",
  "clock",
  "hosts",
  "redact",
  "registry",
  "service",
  "timers",
  "tracer",
  "version",
] as const;

/** Returns the parts that the options give. */
function given(settings: Settings): Partial<PageParts> {
  const parts = PARTS.map((name) => [name, settings[name]] as const);
  return Object.fromEntries(
    parts.filter(([, value]) => value !== undefined),
  );
}

function keyOfVariable(): string | undefined {
  const key = variable(KEY_VARIABLE);
  if (!key) return undefined;
  if (isKey(key)) return key;
  // The value itself stays out of the log.
  throw new TypeError(
    `${ACTION}: ${KEY_VARIABLE} is wrong; give ${KEY_ADVICE}`,
  );
}
