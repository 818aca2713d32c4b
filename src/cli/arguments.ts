/** Reads the arguments of a command. */

/** An error of the user: its message is everything that is printed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The arguments of a command, read by its flags. */
export interface Arguments {
  /** The arguments that are no flags. */
  readonly rest: readonly string[];
  /** Returns the value of a flag; undefined if it is not given. */
  value(flag: string): string | undefined;
  /** Returns all values of a flag that can be repeated. */
  values(flag: string): readonly string[];
  /** Returns whether a flag without a value is given. */
  has(flag: string): boolean;
}

/**
 * Reads `--flag value`, `--flag=value` and other arguments. The names in `flags`
 * end in `=` if they take a value.
 *
 * @throws {UsageError} If a flag is unknown, lacks its value, or has one that
 * it does not take.
 */
export function readArguments(
  command: string,
  args: readonly string[],
  flags: readonly string[],
): Arguments {
  const rest: string[] = [];
  const given = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const [, name, inline] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(args[i]!) ??
      [];
    if (name === undefined) {
      if (/^-./.test(args[i]!)) throw unknownFlag(command, args[i]!);
      rest.push(args[i]!);
      continue;
    }
    const takesValue = flags.includes(`${name}=`);
    if (!takesValue && !flags.includes(name)) {
      throw unknownFlag(command, `--${name}`);
    }
    const value = takesValue ? inline ?? args[++i] : inline;
    if (takesValue !== (value !== undefined)) {
      throw new UsageError(
        takesValue
          ? `--${name} has no value; try: barograph ${command} --help`
          : `--${name} takes no value; write --${name} alone`,
      );
    }
    given.set(name, [...given.get(name) ?? [], value ?? ""]);
  }
  return {
    rest,
    value: (flag) => given.get(flag)?.at(-1),
    values: (flag) => given.get(flag) ?? [],
    has: (flag) => given.has(flag),
  };
}

function unknownFlag(command: string, flag: string): UsageError {
  return new UsageError(
    `there is no flag ${flag}; try: barograph ${command} --help`,
  );
}

/**
 * Returns the only argument that is no flag.
 *
 * @throws {UsageError} If there is none, or more than one.
 */
export function onlyArgument(
  { rest }: Arguments,
  command: string,
  example: string,
): string {
  const [first, ...others] = rest;
  if (first === undefined) {
    throw new UsageError(
      `give ${example}; try: barograph ${command} --help`,
    );
  }
  if (others.length > 0) {
    throw new UsageError(
      `there is one argument too many: ${others[0]}; ` +
        `try: barograph ${command} --help`,
    );
  }
  return first;
}

/**
 * Returns the number that a flag has; `fallback` if it is not given.
 *
 * @throws {UsageError} If it is no number, or outside of the limits.
 */
export function numberOf(
  args: Arguments,
  flag: string,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  const text = args.value(flag);
  if (text === undefined) return fallback;
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new UsageError(
    `--${flag} is "${text}"; give a number from ${min} to ${max}`,
  );
}
