/** The telemetry server as a program that exposes its own process. */
import type { Source } from "../model/mod.ts";
import { bearer } from "../http/mod.ts";
import { createRegistry } from "../metrics/mod.ts";
import { program, variable } from "../platform/internal.ts";
import type { ServeTelemetryOptions } from "./options.ts";
import { serveTelemetry } from "./server.ts";

/** The output of `--help`. */
export const USAGE = `Barograph: a metrics server.

  --port N         the port (9090; 0 for any free port)      BAROGRAPH_PORT
  --hostname HOST  the address to bind (127.0.0.1)           BAROGRAPH_HOSTNAME
  --hosts NAMES    further names of the host, or "any"       BAROGRAPH_HOSTS
  --path PATH      the path of the metrics (/metrics)        BAROGRAPH_PATH
  --cert FILE      the certificate, to serve TLS             BAROGRAPH_CERT
  --key FILE       the key of the certificate                BAROGRAPH_KEY
  --help           print this text

OTEL_EXPORTER_PROMETHEUS_PORT and _HOST stand in for the first two variables.
If BAROGRAPH_TOKEN is set, scrapers must send it as a bearer token. It has no
flag, because every user of a machine can read command lines.`;

/** The address of this module. */
export const MAIN_URL: string = import.meta.url;

const FLAGS = ["port", "hostname", "hosts", "path", "cert", "key"] as const;

type Flag = typeof FLAGS[number];

/** Variables of OpenTelemetry that stand in for those of this program. */
const STAND_INS: Readonly<Partial<Record<Flag, string>>> = {
  port: "OTEL_EXPORTER_PROMETHEUS_PORT",
  hostname: "OTEL_EXPORTER_PROMETHEUS_HOST",
};

/**
 * Returns the options from flags and environment variables; flags take
 * precedence. Returns "help" for `--help` and `-h`.
 *
 * @throws {RangeError} If a flag or value is wrong; the message is one line.
 */
export function serverOptions(
  args: readonly string[],
  env: (name: string) => string | undefined,
): ServeTelemetryOptions<never> | "help" {
  const flags = new Map<Flag, string>();
  const rest = args.flatMap((arg) =>
    /^--[a-z]+=/.test(arg)
      ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]
      : [arg]
  );
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i]!;
    if (arg === "--help" || arg === "-h") return "help";
    const flag = FLAGS.find((name) => `--${name}` === arg);
    const value = rest[++i];
    if (flag === undefined) {
      throw new RangeError(`there is no flag "${arg}"; try --help`);
    }
    if (value === undefined || value.startsWith("--")) {
      throw new RangeError(`${arg} has no value; try --help`);
    }
    flags.set(flag, value);
  }
  const value = (flag: Flag) => {
    const { [flag]: standIn } = STAND_INS;
    return flags.get(flag) ?? env(`BAROGRAPH_${flag.toUpperCase()}`) ??
      (standIn && env(standIn) || undefined);
  };
  const port = value("port");
  const [certFile, keyFile] = [value("cert"), value("key")];
  const hosts = value("hosts");
  const token = env("BAROGRAPH_TOKEN");
  if (port !== undefined && !/^[0-9]{1,5}$/.test(port)) {
    throw new RangeError(`the port is "${port}"; give a number, such as 9090`);
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RangeError("give --cert and --key, or neither of them");
  }
  return {
    port: port === undefined ? undefined : Number(port),
    hostname: value("hostname"),
    hosts: hosts === undefined || hosts === "any" ? hosts : hosts.split(","),
    path: value("path"),
    tls: certFile === undefined ? undefined : { certFile, keyFile },
    authorize: token ? bearer(token) : undefined,
  };
}

/** Serves `metrics` until SIGINT or SIGTERM; exits with 1 on an error. */
export async function main(metrics: Source & Disposable): Promise<void> {
  const { args, end, endRequested } = program();
  try {
    const options = serverOptions(args(), variable);
    if (options === "help") return console.log(USAGE);
    const registry = createRegistry();
    registry.add(metrics);
    const server = await serveTelemetry({ ...options, registry });
    console.log(`Metrics are at ${server.address}`);
    await endRequested();
    await server.stop();
    metrics[Symbol.dispose]();
    end(0); // clients that do not read could hold the process
  } catch (error) {
    console.error((error as Error).message);
    end(1);
  }
}
