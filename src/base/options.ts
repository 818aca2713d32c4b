/**
 * Checks the options of every factory and fills in the defaults.
 *
 * A factory has one schema beside its options interface, so that each default
 * and each piece of advice is written once:
 *
 * - An unknown name is an error that lists the names of *this* factory.
 * - An option that is `undefined` gets its default.
 * - A wrong number is a `RangeError`, everything else a `TypeError`.
 */
import { type Clock, systemClock } from "./clock.ts";
import { display, quoted } from "./errors.ts";
import { systemTimers, type Timers } from "./timers.ts";

/** The legal values of one option. `T` is the type after defaults. */
export interface OptionRule<T> {
  /** Returns whether a value is legal; never called with `undefined`. */
  accepts(value: unknown): boolean;
  /**
   * The legal values in words, as they follow "give" in the error. An option
   * without advice is not listed: it exists only to be refused with a reason.
   */
  readonly advice: string;
  /** The default. */
  readonly fallback: T;
  /** Whether the error shows the wrong value; otherwise only its type. */
  readonly isShown: boolean;
}

/** The rules of a factory, by option. */
export type OptionSchema = Readonly<Record<string, OptionRule<unknown>>>;

/** The schema of an options interface, with a rule for every option. */
export type SchemaOf<O> = {
  readonly [K in keyof Required<O>]: OptionRule<O[K] | undefined>;
};

/** Options as `readOptions` returns them: every name, with defaults. */
export type ReadOptions<S extends OptionSchema> = {
  readonly [K in keyof S]: S[K] extends OptionRule<infer T> ? T : never;
};

/** Options as users pass them to a factory with this schema. */
export type GivenOptions<S extends OptionSchema> = {
  readonly [K in keyof S]?: ReadOptions<S>[K] | undefined;
};

/**
 * Checks `given` against `schema` and fills in the defaults. The result is a new
 * object with every name of the schema.
 *
 * @throws {TypeError | RangeError} If `given` is not an object, has an unknown
 *   option, or has a wrong value. The message begins with `action`.
 */
export function readOptions<S extends OptionSchema>(
  action: string,
  schema: S,
  given: GivenOptions<S>,
): ReadOptions<S> {
  const names = (): string => {
    const listed = Object.keys(schema).filter((name) => schema[name]!.advice);
    return `any of ${listed.join(", ")}`;
  };
  if (typeName(given) !== "object") {
    throw new TypeError(
      `${action}: the options are ${typeText(given)}; ` +
        `give an object with ${names()}`,
    );
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(schema, name)) continue;
    throw new TypeError(
      `${action}: there is no option "${name}"; give ${names()}`,
    );
  }
  const read: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(schema)) {
    const value = ownValue(given, name);
    if (value === undefined) read[name] = rule.fallback;
    else if (rule.accepts(value)) read[name] = value;
    else throw wrongOption(action, name, value, rule);
  }
  return read as ReadOptions<S>;
}

/** Returns `schema` with the defaults in `fallbacks` that are not undefined. */
export function withFallbacks<S extends OptionSchema>(
  schema: S,
  fallbacks: GivenOptions<S>,
): S {
  const changed: Record<string, OptionRule<unknown>> = { ...schema };
  for (const [name, fallback] of Object.entries(fallbacks)) {
    if (fallback !== undefined) changed[name] = { ...schema[name]!, fallback };
  }
  return changed as S;
}

/**
 * Returns a property of an object, or of the class of it; undefined if only
 * `Object.prototype` has it, to which other code may have added anything.
 */
export function ownValue(object: object, name: string): unknown {
  const value = (object as Record<string, unknown>)[name];
  const isInherited = name in Object.prototype &&
    !Object.hasOwn(object, name) &&
    value === (Object.prototype as Record<string, unknown>)[name];
  return isInherited ? undefined : value;
}

/**
 * Returns the error that `readOptions` throws for one wrong option, for checks
 * that compare several options.
 */
export function wrongOption(
  action: string,
  name: string,
  value: unknown,
  { advice, isShown }: Pick<OptionRule<unknown>, "advice" | "isShown">,
): TypeError | RangeError {
  const text = typeof value === "string" ? quoted(value) : display(value);
  const state = isShown ? text : typeText(value);
  const message = `${action}: ${name} is ${state}; give ${advice}`;
  return isShown && typeof value === "number"
    ? new RangeError(message)
    : new TypeError(message);
}

/** Returns the rule of an option; the error shows the wrong value. */
export function rule<T>(
  accepts: (value: unknown) => boolean,
  advice: string,
): OptionRule<T | undefined>;
export function rule<T>(
  accepts: (value: unknown) => boolean,
  advice: string,
  fallback: T,
): OptionRule<T>;
export function rule<T>(
  accepts: (value: unknown) => boolean,
  advice: string,
  fallback?: T,
): OptionRule<T | undefined> {
  return { accepts, advice, fallback, isShown: true };
}

/**
 * Returns the rule of an option of one of `types`; the error hides its value. An
 * array is of type "array", not "object".
 */
export function ofType<T>(
  types: readonly string[],
  advice: string,
): OptionRule<T | undefined>;
export function ofType<T>(
  types: readonly string[],
  advice: string,
  fallback: T,
): OptionRule<T>;
export function ofType<T>(
  types: readonly string[],
  advice: string,
  fallback?: T,
): OptionRule<T | undefined> {
  const accepts = (value: unknown): boolean => types.includes(typeName(value));
  return { accepts, advice, fallback, isShown: false };
}

/** Returns the rule of a function; `example` is source text. */
export function fn<T>(example: string): OptionRule<T | undefined> {
  return ofType<T>(["function"], `a function, such as ${example}`);
}

/** Returns the rule of a boolean. */
export function flag(fallback: boolean): OptionRule<boolean> {
  return ofType<boolean>(["boolean"], "true or false", fallback);
}

/** Returns the rule of a string; the error puts `example` in quotes. */
export function text(example: string): OptionRule<string | undefined>;
export function text(example: string, fallback: string): OptionRule<string>;
export function text(
  example: string,
  fallback?: string,
): OptionRule<string | undefined> {
  return ofType(["string"], `a string, such as ${quoted(example)}`, fallback);
}

/** Returns the rule of a time in seconds, above 0 and below 1e6: see `Timers`. */
export function seconds(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) => typeof value === "number" && value > 0 && value < 1e6,
    `seconds, such as ${fallback}`,
    fallback,
  );
}

/** Returns the rule of a safe integer that is at least `min`. */
export function wholeNumber(fallback: number, min = 1): OptionRule<number> {
  return rule<number>(
    (value) => Number.isSafeInteger(value) && value as number >= min,
    `a whole number from ${min} on, such as ${fallback}`,
    fallback,
  );
}

/** Returns the rule of a string that is one of `legal`. */
export function oneOf<const T extends string>(
  legal: readonly T[],
  fallback: NoInfer<T>,
): OptionRule<T> {
  const advice = legal.map((value) => quoted(value)).join(" or ");
  return rule<T>((value) => legal.includes(value as T), advice, fallback);
}

/**
 * Returns the rule of an object that has `methods`; with `areOptional`, of one
 * in which none of them is anything but a function.
 */
export function withMethods<T>(
  methods: readonly string[],
  advice: string,
): OptionRule<T | undefined>;
export function withMethods<T>(
  methods: readonly string[],
  advice: string,
  fallback: T,
  areOptional?: boolean,
): OptionRule<T>;
export function withMethods<T>(
  methods: readonly string[],
  advice: string,
  fallback?: T,
  areOptional = false,
): OptionRule<T | undefined> {
  const accepts = (value: unknown): boolean =>
    typeof value === "object" && value !== null &&
    methods.every((name) => {
      const method = (value as Record<string, unknown>)[name];
      return typeof method === "function" ||
        (areOptional && method === undefined);
    });
  return { accepts, advice, fallback, isShown: false };
}

/** The rule of an option that is a clock. */
export const CLOCK: OptionRule<Clock> = /* @__PURE__ */ withMethods(
  ["unix", "mono"],
  "a clock with unix() and mono(), such as systemClock",
  systemClock,
);

/** The rule of an option that is `Timers`; no package exports `systemTimers`. */
export const TIMERS: OptionRule<Timers> = /* @__PURE__ */ withMethods(
  ["after", "every"],
  "an object with after() and every()",
  systemTimers,
);

/**
 * Returns the type of `value`; unlike `typeof`, tells null, arrays and maps apart.
 * A map is any iterable object, such as `Headers`: its values are not properties.
 */
function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const isMap = typeof value === "object" && Symbol.iterator in value;
  return isMap ? "map" : typeof value;
}

function typeText(value: unknown): string {
  const type = typeName(value);
  return type === "array" ? "an array" : `of type ${type}`;
}
