/** Options of a telemetry server, with their defaults and checks. */
import type { Timers } from "../base/mod.ts";
import {
  fn,
  ofType,
  oneOf,
  readOptions,
  rule,
  type SchemaOf,
  text,
  TIMERS,
  withMethods,
} from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import type {
  Authorize,
  Check,
  Hosts,
  Origins,
  Page,
  Redact,
} from "../http/mod.ts";
import { HOSTS } from "../http/internal.ts";
import type { Source } from "../model/mod.ts";
import { program, type Tls } from "../platform/internal.ts";
import { ServeError } from "../platform/mod.ts";

/** Certificates, each as PEM text or as the path of a PEM file. */
export interface ServerTls {
  /** The certificate chain: the certificate of the server comes first. */
  readonly cert?: string | undefined;
  /** The path of the file with the certificate chain. */
  readonly certFile?: string | undefined;
  /** The private key. */
  readonly key?: string | undefined;
  /** The path of the file with the private key. */
  readonly keyFile?: string | undefined;
  /** The oldest TLS version that is accepted. Default: "1.2". */
  readonly minVersion?: "1.2" | "1.3" | undefined;
  /** The authorities of client certificates, which clients must then present. */
  readonly clientCa?: string | undefined;
  /** The path of the file with the authorities. */
  readonly clientCaFile?: string | undefined;
}

/** The value of `Descriptions.endpoints`. */
export interface EndpointList {
  /** The services of the program. */
  readonly services: unknown;
  /** Their endpoints. */
  readonly endpoints: unknown;
}

/**
 * Data for the JSON endpoints. A function is called at each request, and may
 * return a promise. If it throws, rejects or takes longer than 5 seconds, the
 * answer is 503 without a reason.
 */
export interface Descriptions {
  /** The name of the program, at `/config`. */
  readonly name?: string | undefined;
  /** The endpoints of the program and their services, at `/endpoints`. */
  readonly endpoints?:
    | (() => EndpointList | Promise<EndpointList>)
    | undefined;
  /** The resources that the program depends on, at `/resources`. */
  readonly resources?: (() => unknown) | undefined;
  /** The middleware of the program, at `/middlewares`. */
  readonly middlewares?: (() => unknown) | undefined;
}

/** Options of `serveTelemetry`. */
export interface ServeTelemetryOptions<M extends object> {
  /** The metrics to expose. Default: the default registry. */
  readonly registry?: Source | undefined;
  /** The bus that `/events` serves. Default: none, and no such path. */
  readonly bus?: Bus<M> | undefined;
  /** The port; 0 for any free one. Default: 9090. */
  readonly port?: number | undefined;
  /** The address to bind. Default: 127.0.0.1, for this machine only. */
  readonly hostname?: string | undefined;
  /**
   * The path of a Unix socket, used instead of port and address. Stop a server
   * before another one listens at the same path: stopping removes the file.
   */
  readonly unix?: string | undefined;
  /** The path of the metrics. Default: `/metrics`. */
  readonly path?: string | undefined;
  /** The title of the page at `/`. Default: "Barograph". */
  readonly title?: string | undefined;
  /** The certificates for TLS. Default: no TLS. */
  readonly tls?: ServerTls | undefined;
  /** Guards all paths but `/health` and `/ready`. Default: admits everyone. */
  readonly authorize?: Authorize | undefined;
  /**
   * The names by which clients may address the server; others get 403, except at
   * `/health` and `/ready`: see `Hosts`. Default: no further names if the server
   * is bound to a loopback address and has no `authorize`, because a web page can
   * have the name of its site resolve to 127.0.0.1; otherwise any.
   */
  readonly hosts?: Hosts | undefined;
  /** The checks that must pass for `/ready`, by name. Default: none. */
  readonly checks?: Readonly<Record<string, Check>> | undefined;
  /** The origins whose pages may read events. Default: the same origin. */
  readonly origins?: Origins | undefined;
  /** Removes from events what clients must not see. Default: removes nothing. */
  readonly redact?: Redact<M> | undefined;
  /**
   * The live page, such as `dashboard("/_barograph")` of the module
   * `./dashboard`; `/` links to it. Default: none.
   */
  readonly dashboard?: Page | undefined;
  /** Data for the JSON endpoints. Default: none, and no such paths. */
  readonly describe?: Descriptions | undefined;
  /** Stops the server when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** The timers of the server and its handlers. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

/** Options after their defaults were filled in. */
export interface ServerSettings<M extends object>
  extends ServeTelemetryOptions<M> {
  readonly port: number;
  readonly hostname: string;
  readonly path: string;
  readonly title: string;
  readonly checks: Readonly<Record<string, Check>>;
  readonly describe: Descriptions;
  readonly timers: Timers;
}

const ACTION = "Cannot serve telemetry";

/** Paths that cannot be the path of the metrics. */
const RESERVED = [
  "/",
  "/health",
  "/ready",
  "/events",
  "/config",
  "/endpoints",
  "/resources",
  "/middlewares",
];

const SCHEMA = {
  registry: rule(
    (value) => typeof (value as Partial<Source> | null)?.collect === "function",
    "a registry, such as createRegistry()",
  ),
  bus: withMethods(["subscribe"], "a bus, such as createBus()"),
  port: rule(
    (value) =>
      Number.isInteger(value) && value as number >= 0 &&
      value as number <= 65535,
    "a port from 0 to 65535, such as 9090",
    9090,
  ),
  hostname: rule(
    // Runtimes take an empty text for all addresses of the machine.
    (value) => typeof value === "string" && value !== "",
    'an address, such as "127.0.0.1"',
    "127.0.0.1",
  ),
  unix: rule(
    // Runtimes take an empty text for a port, and cut one at NUL.
    (value) =>
      typeof value === "string" && value !== "" && !value.includes("\0"),
    'the path of a socket, such as "/run/app.sock"',
  ),
  path: rule(
    (value) =>
      typeof value === "string" &&
      /^\/[\x21\x24-\x3e\x40-\x7e]*$/.test(value) &&
      !RESERVED.includes(value),
    `one that begins with "/" and is not ${RESERVED.join(", ")}, such as ` +
      `"/metrics"`,
    "/metrics",
  ),
  title: text("Shop", "Barograph"),
  tls: ofType(["object"], "certificates, such as { certFile, keyFile }"),
  authorize: fn('bearer("…")'),
  hosts: HOSTS,
  checks: ofType(["object"], "checks, such as { database: () => true }", {}),
  origins: ofType(
    ["string", "array", "function"],
    '"same", "any", a function or a list',
  ),
  redact: fn("(event) => event"),
  dashboard: withMethods(
    ["mount"],
    'a page, such as dashboard("/_barograph") of "@barograph/barograph/dashboard"',
  ),
  describe: ofType(
    ["object"],
    'descriptions, such as { name: "shop" }',
    {},
  ),
  signal: withMethods(
    ["addEventListener", "removeEventListener"],
    "a signal, such as AbortSignal.timeout(1000)",
  ),
  timers: TIMERS,
} satisfies SchemaOf<ServeTelemetryOptions<never>>;

const TLS_SCHEMA = {
  cert: ofType(["string"], "a certificate as PEM"),
  certFile: ofType(["string"], "the path of a certificate"),
  key: ofType(["string"], "a key as PEM"),
  keyFile: ofType(["string"], "the path of a key"),
  minVersion: oneOf(["1.2", "1.3"], "1.2"),
  clientCa: ofType(["string"], "certificates of authorities as PEM"),
  clientCaFile: ofType(["string"], "the path of such certificates"),
} satisfies SchemaOf<ServerTls>;

const DESCRIBE_SCHEMA = {
  name: text("shop"),
  endpoints: fn("() => ({ services: [], endpoints: [] })"),
  resources: fn("() => []"),
  middlewares: fn("() => []"),
} satisfies SchemaOf<Descriptions>;

/**
 * Checks options and fills in their defaults.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function serverSettings<M extends object>(
  options: ServeTelemetryOptions<M>,
): ServerSettings<M> {
  const read = readOptions(
    ACTION,
    SCHEMA as SchemaOf<ServeTelemetryOptions<M>>,
    options,
  ) as ServerSettings<M>;
  const { dashboard, describe, hostname, path, tls } = read;
  const taken = [path, ...RESERVED];
  if (dashboard !== undefined && taken.includes(dashboard.path)) {
    throw new TypeError(
      `${ACTION}: the dashboard is at "${dashboard.path}", which is taken; ` +
        `give it another path, such as dashboard("/_barograph")`,
    );
  }
  return {
    ...read,
    // In brackets, an address is part of a URL, which no runtime binds.
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    tls: tls && readOptions(`${ACTION}: tls`, TLS_SCHEMA, tls),
    describe: readOptions(`${ACTION}: describe`, DESCRIBE_SCHEMA, describe),
  };
}

/**
 * Returns certificates and keys as text; reads files.
 *
 * @throws {ServeError} If one is missing or cannot be read.
 */
export function loadTls(tls: ServerTls): Tls {
  const load = (pem: string | undefined, file: string | undefined) => {
    if (pem !== undefined || file === undefined) return pem;
    try {
      return program().readText(file);
    } catch (error) {
      throw new ServeError(
        "bad_certificate",
        `${file} cannot be read; give the path of a file that can`,
        error,
      );
    }
  };
  const cert = load(tls.cert, tls.certFile);
  const key = load(tls.key, tls.keyFile);
  const clientCa = load(tls.clientCa, tls.clientCaFile);
  if (!cert || !key) {
    throw new ServeError(
      "bad_certificate",
      `tls has no ${cert ? "key" : "certificate"}; give cert and key, or ` +
        `certFile and keyFile`,
    );
  }
  return { cert, key, minVersion: tls.minVersion, clientCa };
}
