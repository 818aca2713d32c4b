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
