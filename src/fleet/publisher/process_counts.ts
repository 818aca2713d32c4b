/**
 * Which member counts for its process: all members of a process would count the same
 * CPU seconds. It is the one that joined first; when it ends, the next one
 * continues with the counts from then on.
 */
import type { Entry } from "./image.ts";

/** Whether one member counts what its whole process counts. */
export class ProcessCounts {
  #isLeader = true;
  /** Whether no member did before: all that the process has counted is new. */
  #isFirst = true;

  /**
   * Sets whether this member joined before all others of its process that live, and
   * before all others that ever were.
   */
  set(isLeader: boolean, isFirst: boolean): void {
    this.#isLeader = isLeader;
    this.#isFirst &&= isLeader && isFirst;
  }

  /**
   * Returns whether this member counts what a number of the process has grown by
   * since it was last written.
   */
  includes(entry: Entry): boolean {
    const includes = this.#isLeader && (this.#isFirst || entry.isCounted);
    entry.isCounted = this.#isLeader;
    return includes;
  }
}
