/**
 * Error classes that carry data.
 *
 * - A wrong declaration is a built-in `TypeError` or `RangeError`: its message
 *   says what to type instead, and there is nothing to catch it for.
 * - What a program may want to tell apart has a class here.
 */

/**
 * Two declarations that cannot stand side by side: the same name described in
 * two ways, or two names of which one format would write the same sample.
 */
export class FamilyConflictError extends Error {
  /** The name of the class. */
  override readonly name = "FamilyConflictError";
  /** The family that was there first. */
  readonly existing: string;
  /** The family that was refused. */
  readonly requested: string;

  /** `existing` and `requested` are names of families. */
  constructor(message: string, existing: string, requested: string) {
    super(message);
    this.existing = existing;
    this.requested = requested;
  }
}

/** The longest text of a value in a message. */
const MAX_LENGTH = 80;

/** A value of any kind as a message shows it: never throws, never endless. */
export function display(value: unknown): string {
  let text: string;
  try {
    text = String(typeof value === "object" ? JSON.stringify(value) : value);
  } catch {
    text = typeof value;
  }
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** The same in double quotes, with what must be escaped in them. */
export function quoted(value: unknown): string {
  return JSON.stringify(display(value));
}
