/** Options that are wrong are refused where they are given. */

/** The kinds of each option, by `typeof`, and what to type. */
export type Kinds<O> = Readonly<
  Record<keyof O, readonly [kinds: readonly string[], advice: string]>
>;

/**
 * Refuses options that are wrong.
 *
 * @throws {TypeError} If they are no object, if there is no such option, or if
 *   one is of the wrong kind; `action` begins the message.
 */
export function checkOptions<O extends object>(
  action: string,
  options: O,
  known: Kinds<O>,
): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `${action}: the options are of type ${kindOf(options)}; ` +
        `give an object with any of ${Object.keys(known).join(", ")}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(
        `${action}: there is no option "${name}"; ` +
          `give any of ${Object.keys(known).join(", ")}`,
      );
    }
    const [kinds, advice] = known[name as keyof O];
    const kind = kindOf(value);
    if (value === undefined || kinds.includes(kind)) continue;
    throw new TypeError(
      `${action}: ${name} is of type ${kind}; give ${advice}`,
    );
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
