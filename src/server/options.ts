/** What can be asked of a telemetry server. */
import { checkOptions, type Kinds } from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import type { Authorize, Check, Origins, Redact } from "../http/mod.ts";
import type { Source } from "../model/mod.ts";
import { ServeError } from "../platform/mod.ts";
import { readText, type Tls } from "../platform/internal.ts";

/** Certificates: as PEM, or as files that hold it. */
export interface ServerTls {
  /** The certificate, and those that lead from it to a known authority. */
  readonly cert?: string;
  /** The file of it. */
  readonly certFile?: string;
  /** Its private key. */
  readonly key?: string;
  /** The file of that. */
  readonly keyFile?: string;
  /** The oldest version of TLS that is spoken; 1.2 unless given. */
  readonly minVersion?: "1.2" | "1.3";
  /** Clients must have a certificate of one of these authorities. */
  readonly clientCa?: string;
  /** The file of these. */
  readonly clientCaFile?: string;
}

/** What the JSON endpoints tell; each asked when somebody asks. */
export interface Descriptions {
  /** The name of the program, at `/config`. */
  readonly name?: string;
  /** What it answers, and which services do, at `/endpoints`. */
  readonly endpoints?: () => {
    readonly services: unknown;
    readonly endpoints: unknown;
  };
  /** What it needs, at `/resources`. */
  readonly resources?: () => unknown;
  /** What stands before its handlers, at `/middlewares`. */
  readonly middlewares?: () => unknown;
}

/** How telemetry is served. */
export interface ServeTelemetryOptions<M extends object> {
  /** What is exposed; the default registry unless given. */
  readonly registry?: Source;
  /** What `/events` follows; there is no such path unless given. */
  readonly bus?: Bus<M>;
  /** The port, 9090 unless given; 0 for any that is free. */
  readonly port?: number;
  /** The address to bind; this machine's own, 127.0.0.1, unless given. */
  readonly hostname?: string;
  /** The path of a Unix socket, in the place of port and address. */
  readonly unix?: string;
  /** Where metrics are, `/metrics` unless given. */
  readonly path?: string;
  /** The title of the page at `/`. */
  readonly title?: string;
  /** Speaks TLS. */
  readonly tls?: ServerTls;
  /** Who may see all but `/health` and `/ready`; everybody unless given. */
  readonly authorize?: Authorize;
  /** What must pass for `/ready`. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** Which web pages may read events; those of the same origin unless given. */
  readonly origins?: Origins;
  /** Takes out of events what clients must not see. */
  readonly redact?: Redact<M>;
  /** What the JSON endpoints tell; there are none unless given. */
  readonly describe?: Descriptions;
  /** Stops the server when it aborts. */
  readonly signal?: AbortSignal;
}

const KINDS: Kinds<ServeTelemetryOptions<never>> = {
  registry: [["object"], "a registry, such as createRegistry()"],
  bus: [["object"], "a bus, such as createBus()"],
  port: [["number"], "a port from 0 to 65535, such as 9090"],
  hostname: [["string"], 'an address, such as "127.0.0.1"'],
  unix: [["string"], 'the path of a socket, such as "/run/app.sock"'],
  path: [["string"], 'a path, such as "/metrics"'],
  title: [["string"], 'a title, such as "Shop"'],
  tls: [["object"], "certificates, such as { certFile, keyFile }"],
  authorize: [["function"], 'a function, such as bearer("…")'],
  checks: [["object"], "checks, such as { database: () => true }"],
  origins: [["string", "object", "function"], '"same", "any" or a list'],
  redact: [["function"], "a function, such as (event) => event"],
  describe: [["object"], 'descriptions, such as { name: "shop" }'],
  signal: [["object"], "a signal, such as AbortSignal.timeout(1000)"],
};

const TLS_KINDS: Kinds<ServerTls> = {
  cert: [["string"], "a certificate as PEM"],
  certFile: [["string"], "the path of a certificate"],
  key: [["string"], "a key as PEM"],
  keyFile: [["string"], "the path of a key"],
  minVersion: [["string"], '"1.2" or "1.3"'],
  clientCa: [["string"], "certificates of authorities as PEM"],
  clientCaFile: [["string"], "the path of such certificates"],
};

const ACTION = "Cannot serve telemetry";

/** Paths that are taken, whatever is asked for. */
const TAKEN = [
  "/",
  "/health",
  "/ready",
  "/events",
  "/config",
  "/endpoints",
  "/resources",
  "/middlewares",
];

/** @throws {TypeError | RangeError} If an option is wrong. */
export function checkArguments<M extends object>(
  options: ServeTelemetryOptions<M>,
): void {
  checkOptions(ACTION, options, KINDS as Kinds<ServeTelemetryOptions<M>>);
  const { port = 0, path = "/metrics", registry, tls } = options;
  if (registry !== undefined && typeof registry.collect !== "function") {
    throw new TypeError(
      `${ACTION}: registry is none; give ${KINDS.registry[1]}`,
    );
  }
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`${ACTION}: port is ${port}; give ${KINDS.port[1]}`);
  }
  if (!/^\/[\x21\x24-\x3e\x40-\x7e]*$/.test(path) || TAKEN.includes(path)) {
    throw new RangeError(
      `${ACTION}: path is ${JSON.stringify(path)}; give one that begins with ` +
        `"/" and is not ${TAKEN.join(", ")}, such as "/metrics"`,
    );
  }
  if (tls === undefined) return;
  checkOptions(ACTION, tls, TLS_KINDS);
  const { minVersion = "1.2" } = tls;
  if (minVersion !== "1.2" && minVersion !== "1.3") {
    throw new RangeError(
      `${ACTION}: tls.minVersion is "${minVersion}"; ` +
        `give ${TLS_KINDS.minVersion[1]}`,
    );
  }
}

/**
 * The certificates themselves.
 *
 * @throws {ServeError} If one is missing, or cannot be read.
 */
export function loadedTls(tls: ServerTls): Tls {
  const text = (given: string | undefined, file: string | undefined) => {
    if (given !== undefined || file === undefined) return given;
    try {
      return readText(file);
    } catch (error) {
      throw new ServeError(
        "bad_certificate",
        `${file} cannot be read; give the path of a file that can`,
        error,
      );
    }
  };
  const cert = text(tls.cert, tls.certFile);
  const key = text(tls.key, tls.keyFile);
  const clientCa = text(tls.clientCa, tls.clientCaFile);
  if (!cert || !key) {
    throw new ServeError(
      "bad_certificate",
      `tls has no ${cert ? "key" : "certificate"}; give cert and key, or ` +
        `certFile and keyFile`,
    );
  }
  return {
    cert,
    key,
    ...tls.minVersion !== undefined && { minVersion: tls.minVersion },
    ...clientCa !== undefined && { clientCa },
  };
}
