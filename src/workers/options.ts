/** The options of `withTelemetry`, and their parts. */
import {
  fn,
  type GivenOptions,
  ofType,
  ownValue,
  type ReadOptions,
  readOptions,
  type SchemaOf,
  seconds,
  withFallbacks,
  withMethods,
} from "../base/internal.ts";
import { SPAN_OPTIONS } from "../push/internal.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import { OBSERVE_OPTIONS, TELEMETRY_OPTIONS } from "../telemetry/internal.ts";
import type { AsyncStorageClass } from "../trace/mod.ts";
import type { WorkerCollectorOptions, WorkerOptions } from "./api.ts";

/** The first words of each error about an option. */
export const ACTION = "Cannot observe a Worker";

const {
  collector: _collector,
  origins: _origins,
  redact: _redact,
  ...TELEMETRY_RULES
} = TELEMETRY_OPTIONS;

const {
  events: _events,
  dashboard: _dashboard,
  ...OBSERVE_RULES
} = OBSERVE_OPTIONS;

const OWN_RULES = {
  telemetry: withMethods<Telemetry>(
    ["observe", "close"],
    "a telemetry, such as createTelemetry()",
  ),
  collector: ofType<string | WorkerCollectorOptions>(
    ["string", "object"],
    'an address, such as "https://otlp.example", or { endpoint, … }',
  ),
  flushInterval: seconds(10),
  onFlush: fn<NonNullable<WorkerOptions["onFlush"]>>("(telemetry, env) => {}"),
  AsyncLocalStorage: ofType<AsyncStorageClass>(
    ["function"],
    "the class of node:async_hooks",
  ),
};

const SCHEMA = {
  ...TELEMETRY_RULES,
  ...OBSERVE_RULES,
  ...OWN_RULES,
} satisfies SchemaOf<WorkerOptions>;

const {
  batch: _batch,
  interval: _interval,
  signals: _signals,
  random: _random,
  timers: _timers,
  clock: _clock,
  ...COLLECTOR_RULES
} = SPAN_OPTIONS;

/** The options that a given telemetry excludes. */
const CREATING = (Object.keys(TELEMETRY_RULES)).filter((name) =>
  !["service", "version", "clock", "timers"].includes(name)
);

/** Checked options, by the function that takes them. */
export interface WorkerParts {
  readonly telemetry: Telemetry | undefined;
  readonly creating: ReadOptions<typeof TELEMETRY_RULES>;
  /** Only what is given: the telemetry has other defaults. */
  readonly observing: GivenOptions<typeof OBSERVE_RULES>;
  readonly own: ReadOptions<typeof OWN_RULES>;
  /** The option of that name, checked. */
  readonly collector: WorkerOptions["collector"];
}

/**
 * Checks the options of `withTelemetry`. `environment` is the default of that
 * option.
 *
 * @throws {TypeError | RangeError} If an option is wrong or unknown.
 */
export function readWorkerOptions(
  options: WorkerOptions,
  environment: WorkerOptions["environment"],
): WorkerParts {
  const schema = withFallbacks(SCHEMA, { environment });
  const read = readOptions(ACTION, schema, options);
  const { telemetry, collector } = read;
  const given = CREATING.find((name) =>
    (options as Record<string, unknown>)[name] !== undefined
  );
  if (telemetry !== undefined && given !== undefined) {
    throw new TypeError(
      `${ACTION}: there are both telemetry and ${given}; ` +
        `give ${given} to createTelemetry()`,
    );
  }
  if (typeof collector === "object") {
    readOptions(`${ACTION}: collector`, COLLECTOR_RULES, collector);
  }
  return {
    telemetry,
    creating: pick(read, TELEMETRY_RULES),
    observing: pick(
      read,
      OBSERVE_RULES,
      (name) => ownValue(options, name) !== undefined,
    ),
    own: pick(read, OWN_RULES),
    collector,
  };
}

/** Returns the options of `from` that `rules` names, of those that `has` has. */
function pick<T extends object, K extends keyof T & string>(
  from: T,
  rules: Readonly<Record<K, unknown>>,
  has: (name: string) => boolean = () => true,
): Pick<T, K> {
  return Object.fromEntries(
    Object.keys(rules).filter(has).map((name) => [name, from[name as K]]),
  ) as Pick<T, K>;
}
