/** Loads a module of an application and finds its registry. */
import { errorMessage, within } from "../base/internal.ts";
import { defaultRegistry } from "../metrics/mod.ts";
import type { Source } from "../model/mod.ts";
import {
  type Arguments,
  numberOf,
  onlyArgument,
  UsageError,
} from "./arguments.ts";
import type { CliIo } from "./io.ts";

/** The flags of the commands that load an application. */
export const APPLICATION_FLAGS: readonly string[] = ["export=", "wait="];

/** The lines of their help. */
export const APPLICATION_HELP =
  `  --export NAME    the export with the registry, if there are several
  --wait SECONDS   how long the module may take to load (5)`;

/** An application that was loaded. */
export interface Application {
  /** The file's name without its folder and its ending: `shop`. */
  readonly name: string;
  readonly registry: Source;
}

/** The longest time that a module may take, in seconds. */
const MAX_WAIT = 3600;

const LATE = Symbol("late");

/**
 * Loads the module that the arguments name. A module that keeps running, such
 * as one that waits for its server at top level, has its metrics in the default
 * registry.
 *
 * @throws {UsageError} If it cannot be loaded, or has no metrics.
 */
export async function loadApplication(
  args: Arguments,
  command: string,
  io: CliIo,
): Promise<Application> {
  const module = onlyArgument(
    args,
    command,
    "the module of your application, such as app.ts",
  );
  const wait = numberOf(args, "wait", 5, [0, MAX_WAIT]);
  let loaded: Readonly<Record<string, unknown>> | typeof LATE;
  try {
    loaded = await within(io.load(module), wait, io.timers, LATE);
  } catch (error) {
    throw new UsageError(
      `cannot load ${module}: ${errorMessage(error)}${hintOf(error)}`,
    );
  }
  if (loaded === LATE) {
    await io.writeError(
      `${module} was not loaded after ${wait} s; ` +
        "reading the default registry\n",
    );
  }
  const registry = loaded === LATE
    ? defaultRegistry()
    : registryIn(loaded, module, args.value("export"));
  if (registry.descs.every(({ name }) => name.startsWith("barograph_"))) {
    throw new UsageError(
      `${module} declares no metrics in ` +
        "its exported registry or the default one; " +
        "export it: export const registry = createRegistry()",
    );
  }
  const name = /([^\\/]+?)(?:\.[cm]?[jt]sx?)?$/.exec(module)?.[1] ?? "service";
  return { name, registry };
}

/** Returns the registry that an export is, or has; undefined if there is none. */
function registryOf(value: unknown): Source | undefined {
  for (const candidate of [value, propertyOf(value, "registry")]) {
    const isSource = typeof propertyOf(candidate, "collect") === "function" &&
      Array.isArray(propertyOf(candidate, "descs"));
    if (isSource) return candidate as Source;
  }
  return undefined;
}

function propertyOf(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  } catch {
    return undefined; // a getter of the application
  }
}

function registryIn(
  exports: Readonly<Record<string, unknown>>,
  module: string,
  chosen: string | undefined,
): Source {
  if (chosen !== undefined) {
    const found = registryOf(exports[chosen]);
    if (found !== undefined) return found;
    throw new UsageError(
      `${module} has no export ${chosen} that is a registry or a telemetry; ` +
        `it exports ${Object.keys(exports).join(", ") || "nothing"}`,
    );
  }
  const found = new Map<Source, string>();
  for (const [name, value] of Object.entries(exports)) {
    const registry = registryOf(value);
    if (registry !== undefined && !found.has(registry)) {
      found.set(registry, name);
    }
  }
  const [first = defaultRegistry(), ...others] = found.keys();
  if (others.length === 0) return first;
  const choices = [...found.values()].map((name) => `--export ${name}`);
  throw new UsageError(
    `${module} exports several registries; give ${choices.join(" or ")}`,
  );
}

/** Returns what to do about a port that the running program has; "" otherwise. */
function hintOf(error: unknown): string {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown };
  return name === "AddrInUse" || code === "EADDRINUSE"
    ? "; stop the program that listens there, or give the module that only " +
      "declares the metrics"
    : "";
}
