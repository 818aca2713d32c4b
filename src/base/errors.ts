/**
 * Error classes that carry data.
 *
 * - A wrong declaration throws a built-in `TypeError` or `RangeError`. Its
 *   message says what to type instead; no program needs to catch it.
 * - An error that a program may want to distinguish has a class here.
 */

/**
 * The error for two declarations that cannot coexist: one name with two
 * descriptions, or two names that a format would write as the same sample.
 */
export class FamilyConflictError extends Error {
  /** The name of the class. */
  override readonly name = "FamilyConflictError";
  /** The name of the family that was declared first. */
  readonly existing: string;
  /** The name of the family that was refused. */
  readonly requested: string;

  /** Takes the message and the names of both families. */
  constructor(message: string, existing: string, requested: string) {
    super(message);
    this.existing = existing;
    this.requested = requested;
  }
}

/** Maximum length of a value in a message, in UTF-16 code units. */
const MAX_LENGTH = 80;

/** Returns short text for any value, for use in a message; never throws. */
export function display(value: unknown): string {
  let text: string;
  try {
    text = String(typeof value === "object" ? JSON.stringify(value) : value);
  } catch {
    text = typeof value;
  }
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** Returns `display(value)` as a JSON string: quoted and escaped. */
export function quoted(value: unknown): string {
  return JSON.stringify(display(value));
}
