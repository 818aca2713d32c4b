/**
 * Error classes that carry data.
 *
 * - A wrong declaration is a built-in `TypeError` or `RangeError`: its message
 *   says what to type instead, and no program needs to catch it.
 * - Errors that a program may want to distinguish have a class here.
 */

/**
 * Two declarations that cannot coexist: the same name with two descriptions, or
 * two names that a format would write as the same sample.
 */
export class FamilyConflictError extends Error {
  /** The name of the class. */
  override readonly name = "FamilyConflictError";
  /** The family that was declared first. */
  readonly existing: string;
  /** The family that was refused. */
  readonly requested: string;

  /** Takes the message and the names of both families. */
  constructor(message: string, existing: string, requested: string) {
    super(message);
    this.existing = existing;
    this.requested = requested;
  }
}

/** Maximum length of a value in a message, in characters. */
const MAX_LENGTH = 80;

/** Returns any value as short text for a message; never throws. */
export function display(value: unknown): string {
  let text: string;
  try {
    text = String(typeof value === "object" ? JSON.stringify(value) : value);
  } catch {
    text = typeof value;
  }
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** Returns any value as short text in double quotes, escaped. */
export function quoted(value: unknown): string {
  return JSON.stringify(display(value));
}
