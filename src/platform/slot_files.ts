/**
 * Files as a fleet uses them: read and written at positions, without waiting.
 *
 * All methods throw the error of the runtime.
 */

/** An open file. */
export interface SlotFile {
  /** Reads into `bytes` from a position on; returns how many were read. */
  read(bytes: Uint8Array, at: number): number;
  /** Writes all of `bytes` at a position. */
  write(bytes: Uint8Array, at: number): void;
  /** Closes the file. */
  close(): void;
}

/** Opens and names files. */
export interface SlotFiles {
  /**
   * Opens a file. `read` and `write` require that it exists, `write` also reads.
   * `create` makes an empty one in place of an existing one, or of a link.
   */
  open(path: string, mode: "read" | "write" | "create"): SlotFile;
  /** Gives a file another name, in place of the file that has it. */
  rename(from: string, to: string): void;
  /** Removes a file. */
  remove(path: string): void;
  /** Returns the names of the files in a directory. */
  list(directory: string): readonly string[];
}

/** The ownership of a slot, until its process ends or releases it. */
export interface SlotClaim {
  /** Gives the slot up. */
  release(): void;
  /**
   * Returns false if somebody has removed the file of the claim: another member
   * could claim the slot, too.
   */
  isHeld(): boolean;
}

/** Decides who owns a slot: the kernel ends a claim together with its process. */
export interface SlotClaims {
  /**
   * Claims a slot of a directory. Resolves to undefined if its owner lives.
   * Of those that claim a slot at the same time, at most one gets it.
   */
  claim(directory: string, slot: number): Promise<SlotClaim | undefined>;
  /** Returns whether a slot has an owner that lives, even if it is frozen. */
  isOwned(directory: string, slot: number): Promise<boolean>;
}

/** The services of a runtime that a fleet needs. */
export interface FleetPlatform {
  readonly files: SlotFiles;
  readonly claims: SlotClaims;
  /** The name of the way in which slots are claimed; members must agree on it. */
  readonly scheme: string;
  /**
   * Returns the number of the user, for names in `dir`; "" where files have no
   * owner. Makes `dir` unless it exists. Throws an error that says what to do if
   * it cannot be written, or if a permission is missing. Never prompts.
   */
  user(dir: string): string;
  /**
   * Makes a directory that only the user may enter, with those above it, unless
   * it exists. Throws an error that says what to do if it belongs to another user,
   * or if others may enter it, or if a permission is missing. Never prompts.
   */
  prepare(directory: string): void;
  /** Identifies the process among all that may share a directory. */
  readonly process: string;
  /**
   * Returns the main module of the program: a URL on Deno, a path elsewhere; "" if
   * it is not known. Where a Worker cannot learn it, calls `onGuess` and returns
   * its own module.
   */
  mainPath(onGuess: () => void): string;
  /**
   * Calls `work` when the isolate ends in order, until the result is called. May
   * call it more than once: a program may go on after a signal.
   */
  onExit(work: () => void): () => void;
}
