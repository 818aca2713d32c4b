/**
 * The directory of a fleet: only the user may enter it.
 *
 * The user id is not queried, because Deno needs a permission for it: it is the
 * owner of a file that is made in the directory.
 */

/** Facts about a file, not followed if it is a link. */
export interface FileFacts {
  readonly isDirectory: boolean;
  /** Undefined where files have none. */
  readonly mode: number | undefined;
  /** Undefined where files have none. */
  readonly owner: number | undefined;
}

/** The calls of a runtime that a directory needs. */
export interface DirectoryCalls {
  /** Makes a directory with those above it, unless it exists. */
  make(path: string, mode: number): void;
  /** Returns undefined if there is no permission. */
  facts(path: string): FileFacts | undefined;
  /** Makes an empty file; throws if there is one. */
  makeFile(path: string, mode: number): void;
  remove(path: string): void;
}

/** The permissions of everybody but the owner. */
const OTHERS = 0o77;

/**
 * Makes a directory with those above it, unless it exists, and checks that nobody
 * else may enter it or put another one in its place.
 */
export function prepareDirectory(calls: DirectoryCalls, path: string): void {
  const directory = path.replace(/\/+$/, ""); // it would follow a link
  attempt(directory, "be made", () => calls.make(directory, 0o700));
  const facts = attempt(directory, "be read", () => calls.facts(directory));
  if (facts?.isDirectory !== true) {
    throw refusal(directory, "it is no directory, or a link; remove it");
  }
  const { mode = 0, owner } = facts;
  if ((mode & OTHERS) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw refusal(
      directory,
      `other users may enter it (mode ${octal}); run chmod 700 on it`,
    );
  }
  const user = attempt(
    directory,
    "be written",
    () => ownerOfNew(calls, `${directory}/w${randomName()}`),
  );
  if (owner !== user) {
    throw refusal(directory, "it belongs to another user; remove it");
  }
  const parent = parentOf(directory);
  const above = calls.facts(parent)?.owner ?? user;
  if (above !== user && above !== 0) {
    throw refusal(
      directory,
      `${parent} belongs to another user, who could replace it; run chown on it`,
    );
  }
}

/** Returns the directory that a path is in. */
export function parentOf(path: string): string {
  return path.replace(/\/*[^/]+\/*$/, "") || "/";
}

/**
 * Returns the number of the user, as the owner of new files in a directory;
 * undefined where files have no owner. Makes the directory unless it exists.
 */
export function userIn(
  calls: DirectoryCalls,
  directory: string,
): number | undefined {
  const parent = directory.replace(/\/+$/, "");
  attempt(directory, "be made", () => calls.make(parent || "/", 0o700));
  return attempt(
    directory,
    "be written",
    () => ownerOfNew(calls, `${parent}/.barograph-${randomName()}`),
  );
}

/** Returns the owner of a file that is made and removed. */
function ownerOfNew(calls: DirectoryCalls, path: string): number | undefined {
  calls.makeFile(path, 0o600);
  try {
    return calls.facts(path)?.owner;
  } finally {
    calls.remove(path);
  }
}

/** Returns 12 random characters. */
export function randomName(): string {
  return crypto.randomUUID().slice(-12);
}

function attempt<T>(directory: string, deed: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: string };
    throw refusal(directory, `it cannot ${deed}: ${message}`, code);
  }
}

/** Returns the error of a directory that cannot be used. */
export function refusal(
  directory: string,
  reason: string,
  code = "FLEET_DIRECTORY",
): Error {
  const error = new Error(
    `the directory ${directory} of the fleet cannot be used: ${reason}, ` +
      `or give another one as option \`dir\``,
  );
  return Object.assign(error, { code });
}

/** The numbers that identify a file; null where there are none. */
export interface FileIdentity {
  readonly dev: number | bigint | null;
  readonly ino: number | bigint | null;
}

/**
 * Returns whether a path leads to the same file as before; true if that is not
 * known.
 */
export function isSameFile(
  before: FileIdentity | "missing" | undefined,
  now: FileIdentity | "missing" | undefined,
): boolean {
  if (before === undefined || now === undefined) return true;
  if (before === "missing" || now === "missing") return before === now;
  return before.dev === now.dev && before.ino === now.ino;
}

/**
 * Seconds after which an owner marks its claim as used. Programs that clean /tmp
 * remove files that nobody has used for days: somebody else could claim the slot.
 */
export const TOUCH_SECONDS = 3600;
