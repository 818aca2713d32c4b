/** The telemetry server as a program: it tells of the process that it is. */
import type { Source } from "../model/mod.ts";
import {
  endAsked,
  endProgram,
  environment,
  programArgs,
} from "../platform/internal.ts";
import { bearer } from "../http/mod.ts";
import { createRegistry } from "../metrics/mod.ts";
import type { ServeTelemetryOptions } from "./options.ts";
import { serveTelemetry } from "./server.ts";

/** What `--help` prints. */
export const USAGE = `Barograph: a server of metrics.

  --port N         the port (9090; 0 for any that is free)   BAROGRAPH_PORT
  --hostname HOST  the address to bind (127.0.0.1)           BAROGRAPH_HOSTNAME
  --path PATH      where metrics are (/metrics)              BAROGRAPH_PATH
  --cert FILE      speaks TLS, with this certificate         BAROGRAPH_CERT
  --key FILE       and this key                              BAROGRAPH_KEY
  --help           prints this

BAROGRAPH_TOKEN is the token that scrapers must give, if it is set. It is no
flag, because everybody on a machine can see what was typed.`;

const FLAGS = ["port", "hostname", "path", "cert", "key"] as const;

type Flag = typeof FLAGS[number];

/**
 * The options that flags and environment ask for, flags first; "help" for who
 * wants to be told of them.
 *
 * @throws {RangeError} With one line that says what to type.
 */
export function serverOptions(
  args: readonly string[],
  env: (name: string) => string | undefined,
): ServeTelemetryOptions<never> | "help" {
  const given = new Map<Flag, string>();
  const rest = args.flatMap((arg) =>
    /^--[a-z]+=/.test(arg)
      ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]
      : [arg]
  );
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i]!;
    if (arg === "--help" || arg === "-h") return "help";
    const flag = FLAGS.find((one) => `--${one}` === arg);
    const value = rest[++i];
    if (flag === undefined) {
      throw new RangeError(`there is no flag "${arg}"; try --help`);
    }
    if (value === undefined || value.startsWith("--")) {
      throw new RangeError(`${arg} has no value; try --help`);
    }
    given.set(flag, value);
  }
  const of = (flag: Flag) =>
    given.get(flag) ?? env(`BAROGRAPH_${flag.toUpperCase()}`);
  const [port, hostname, path] = [of("port"), of("hostname"), of("path")];
  const [certFile, keyFile] = [of("cert"), of("key")];
  const token = env("BAROGRAPH_TOKEN");
  if (port !== undefined && !/^[0-9]{1,5}$/.test(port)) {
    throw new RangeError(`the port is "${port}"; give a number, such as 9090`);
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RangeError("give --cert and --key, or neither of them");
  }
  return {
    ...port !== undefined && { port: Number(port) },
    ...hostname !== undefined && { hostname },
    ...path !== undefined && { path },
    ...certFile !== undefined && keyFile !== undefined && {
      tls: { certFile, keyFile },
    },
    ...token && { authorize: bearer(token) },
  };
}

/** Runs the server until the program is asked to end. */
export async function main(metrics: Source & Disposable): Promise<void> {
  try {
    const options = serverOptions(programArgs(), environment);
    if (options === "help") return console.log(USAGE);
    const registry = createRegistry();
    registry.add(metrics);
    const server = await serveTelemetry({ ...options, registry });
    console.log(`Metrics are at ${server.address}`);
    await endAsked();
    await server.stop();
    metrics[Symbol.dispose]();
  } catch (error) {
    console.error((error as Error).message);
    endProgram(1);
  }
}
