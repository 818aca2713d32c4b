/**
 * The options of every factory: checked, refused with what to type instead, and
 * returned with the defaults filled in.
 *
 * A factory keeps one schema beside its interface, so that each default and
 * each piece of advice stands once:
 *
 * - An unknown name is refused with the names of *this* factory.
 * - `undefined` is an option that is not given.
 * - A wrong number is a `RangeError`, everything else a `TypeError`.
 */
import { display, quoted } from "./errors.ts";

/** What one option may be. `T` is the type of the value in use. */
export interface OptionRule<T> {
  /** Whether a value is legal; `undefined` is never asked about. */
  accepts(value: unknown): boolean;
  /** What to type instead: follows "give" in the error. */
  readonly advice: string;
  /** The value in use where none is given. */
  readonly fallback: T;
  /** True: the error shows the value. False: it names the type alone. */
  readonly isShown: boolean;
}

/** A rule for each option of a factory. */
export type OptionSchema = Readonly<Record<string, OptionRule<unknown>>>;

/** The schema of an options interface: no option may be missing from it. */
export type SchemaOf<O> = {
  readonly [K in keyof Required<O>]: OptionRule<O[K] | undefined>;
};

/** Options as a schema returns them: every name, defaults filled in. */
export type ReadOptions<S extends OptionSchema> = {
  readonly [K in keyof S]: S[K] extends OptionRule<infer T> ? T : never;
};

/** Options as they may be given to a factory with this schema. */
export type GivenOptions<S extends OptionSchema> = {
  readonly [K in keyof S]?: ReadOptions<S>[K] | undefined;
};

/**
 * Checks `given` against `schema` and fills in the defaults. The result has
 * every name of the schema and shares nothing with `given` but the values.
 *
 * @throws {TypeError | RangeError} If `given` is no object, names an option
 *   that does not exist, or has a wrong value; `action` begins the message.
 */
export function readOptions<S extends OptionSchema>(
  action: string,
  schema: S,
  given: GivenOptions<S>,
): ReadOptions<S> {
  const names = (): string => `any of ${Object.keys(schema).join(", ")}`;
  if (typeof given !== "object" || given === null) {
    throw new TypeError(
      `${action}: the options are of type ${typeName(given)}; ` +
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
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) read[name] = rule.fallback;
    else if (rule.accepts(value)) read[name] = value;
    else throw wrongOption(action, name, value, rule);
  }
  return read as ReadOptions<S>;
}

/** The error for one wrong option, for checks that look at several at once. */
export function wrongOption(
  action: string,
  name: string,
  value: unknown,
  { advice, isShown }: Pick<OptionRule<unknown>, "advice" | "isShown">,
): TypeError | RangeError {
  const text = typeof value === "string" ? quoted(value) : display(value);
  const state = isShown ? text : `of type ${typeName(value)}`;
  const message = `${action}: ${name} is ${state}; give ${advice}`;
  return isShown && typeof value === "number"
    ? new RangeError(message)
    : new TypeError(message);
}

/** An option judged by `accepts`; its value stands in the error. */
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

/** An option judged by its type alone; its value never stands in an error. */
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

/** A function; `example` is what to type, such as `(request) => true`. */
export function fn<T>(example: string): OptionRule<T | undefined> {
  return ofType<T>(["function"], `a function, such as ${example}`);
}

/** True or false. */
export function flag(fallback: boolean): OptionRule<boolean> {
  return ofType<boolean>(["boolean"], "true or false", fallback);
}

/** A text; `example` is what to type, without quotes. */
export function text(example: string): OptionRule<string | undefined>;
export function text(example: string, fallback: string): OptionRule<string>;
export function text(
  example: string,
  fallback?: string,
): OptionRule<string | undefined> {
  return ofType(["string"], `a text, such as ${quoted(example)}`, fallback);
}

/** Some time above zero, in seconds, below the 11 days that timers can wait. */
export function seconds(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) => typeof value === "number" && value > 0 && value < 1e6,
    `seconds, such as ${fallback}`,
    fallback,
  );
}

/** A whole number of at least `least`. */
export function wholeNumber(fallback: number, least = 1): OptionRule<number> {
  return rule<number>(
    (value) => Number.isSafeInteger(value) && value as number >= least,
    `a whole number from ${least} on, such as ${fallback}`,
    fallback,
  );
}

/** One of some texts. */
export function oneOf<const T extends string>(
  legal: readonly T[],
  fallback: NoInfer<T>,
): OptionRule<T> {
  const advice = legal.map((value) => quoted(value)).join(" or ");
  return rule<T>((value) => legal.includes(value as T), advice, fallback);
}

function typeName(value: unknown): string {
  return value === null ? "null" : typeof value;
}
