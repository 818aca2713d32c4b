/** Options that are wrong are refused where they are given. */
import { display, quoted } from "./errors.ts";

/**
 * What each option may be, and what to type: by `typeof`, for options whose
 * value is nobody's business, or by a function that tells.
 */
export type Kinds<O> = Readonly<
  Record<
    keyof O,
    readonly [
      legal: readonly string[] | ((value: unknown) => boolean),
      advice: string,
    ]
  >
>;

/**
 * Refuses options that are wrong; undefined is an option that is not given.
 *
 * @throws {TypeError | RangeError} If they are no object, if there is no such
 *   option, or if one is wrong; `action` begins the message.
 */
export function checkOptions<O extends object>(
  action: string,
  options: O,
  known: Kinds<O>,
): void {
  const any = (): string => `any of ${Object.keys(known).join(", ")}`;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `${action}: the options are of type ${kindOf(options)}; ` +
        `give an object with ${any()}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(
        `${action}: there is no option "${name}"; give ${any()}`,
      );
    }
    const [legal, advice] = known[name as keyof O];
    const kind = kindOf(value);
    const isShown = typeof legal === "function";
    if (
      value === undefined || (isShown ? legal(value) : legal.includes(kind))
    ) continue;
    const show = kind === "string" ? quoted : display;
    const state = isShown ? show(value) : `of type ${kind}`;
    throw new (isShown && kind === "number" ? RangeError : TypeError)(
      `${action}: ${name} is ${state}; give ${advice}`,
    );
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
