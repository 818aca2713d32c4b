/**
 * The files and locks of Deno, for a fleet. They need the permission to read and write
 * the directory of the fleet only.
 */
import type { Timers } from "../base/mod.ts";
import {
  type DirectoryCalls,
  type FileIdentity,
  isSameFile,
  parentOf,
  prepareDirectory,
  refusal,
  TOUCH_SECONDS,
  userIn,
} from "./fleet_directory.ts";
import { denoMainPath } from "./main_path.ts";
import { onExit } from "./on_exit.ts";
import type {
  FleetPlatform,
  SlotClaim,
  SlotClaims,
  SlotFile,
  SlotFiles,
} from "./slot_files.ts";

interface DenoFile {
  seekSync(at: number, whence: 0): number;
  readSync(bytes: Uint8Array): number | null;
  writeSync(bytes: Uint8Array): number;
  tryLockSync(isExclusive: boolean): boolean;
  close(): void;
}

/** The calls of files, each of which needs a permission. */
interface FileCalls {
  openSync(path: string, options: OpenOptions): DenoFile;
  renameSync(from: string, to: string): void;
  removeSync(path: string): void;
  readDirSync(path: string): Iterable<{ readonly name: string }>;
  lstatSync(path: string): FileIdentity & {
    readonly isDirectory: boolean;
    readonly mode: number | null;
    readonly uid: number | null;
  };
}

interface OpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly create?: boolean;
  readonly createNew?: boolean;
  readonly mode?: number;
}

interface DenoNamespace extends FileCalls {
  readonly pid: number;
  readonly FsFile?: { readonly prototype: Partial<DenoFile> };
  readonly permissions?: {
    querySync?(query: object): { readonly state: string };
  };
  readonly stdin?: { isTerminal?(): boolean };
  hostname?(): string;
  mkdirSync(path: string, options: object): void;
}

/** Returns the services of Deno for a fleet; undefined where it has no files. */
export function denoFleet(
  timers: Timers,
): FleetPlatform | undefined {
  const { Deno } = globalThis as unknown as { readonly Deno: DenoNamespace };
  if (typeof Deno.FsFile?.prototype.tryLockSync !== "function") {
    return undefined;
  }
  const calls = withoutPrompts(Deno);
  return {
    files: denoFiles(calls),
    claims: new LockClaims(calls, timers),
    scheme: "lock",
    user: (dir) => user(Deno, dir),
    prepare: (directory) => prepare(Deno, directory),
    process: processName(Deno),
    mainPath: denoMainPath,
    onExit,
  };
}

/** Returns whether a permission was given. Without it, Deno prompts. */
function isGranted(Deno: DenoNamespace, query: object): boolean {
  const status = Deno.permissions?.querySync?.(query);
  return status === undefined || status.state === "granted";
}

/**
 * Returns the calls of files, such that they throw where Deno would prompt: a
 * program can revoke permissions, and a prompt blocks all of it.
 */
function withoutPrompts(Deno: DenoNamespace): FileCalls {
  if (Deno.stdin?.isTerminal?.() !== true) return Deno; // it throws by itself
  const check = (name: "read" | "write", path: string): void => {
    if (isGranted(Deno, { name, path })) return;
    const error = new Error(`the permission to ${name} ${path} was revoked`);
    throw Object.assign(error, { name: "NotCapable" });
  };
  return {
    openSync(path, options) {
      check("read", path);
      if (options.write) check("write", path);
      return Deno.openSync(path, options);
    },
    renameSync(from, to) {
      for (const path of [from, to]) check("write", path);
      check("read", from);
      Deno.renameSync(from, to);
    },
    removeSync(path) {
      check("write", path);
      Deno.removeSync(path);
    },
    readDirSync(path) {
      check("read", path);
      return Deno.readDirSync(path);
    },
    lstatSync(path) {
      check("read", path);
      return Deno.lstatSync(path);
    },
  };
}

function user(Deno: DenoNamespace, dir: string): string {
  checkPermissions(Deno, dir, dir);
  return String(userIn(directoryCalls(Deno), dir) ?? "");
}

function prepare(Deno: DenoNamespace, directory: string): void {
  checkPermissions(Deno, directory, parentOf(directory));
  prepareDirectory(directoryCalls(Deno), directory);
}

/** Refuses a directory without permissions; advises to give them for `parent`. */
function checkPermissions(
  Deno: DenoNamespace,
  directory: string,
  parent: string,
): void {
  const missing = ["read", "write"].filter((name) =>
    !isGranted(Deno, { name, path: directory })
  );
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--allow-${name}=${parent}`);
  throw refusal(
    directory,
    `a permission is missing; give ${flags.join(" ")}`,
  );
}

function directoryCalls(Deno: DenoNamespace): DirectoryCalls {
  return {
    make: (path, mode) => Deno.mkdirSync(path, { recursive: true, mode }),
    facts(path) {
      if (!isGranted(Deno, { name: "read", path })) return undefined;
      const { isDirectory, mode, uid } = Deno.lstatSync(path);
      return {
        isDirectory,
        mode: mode ?? undefined,
        owner: uid ?? undefined,
      };
    },
    makeFile: (path, mode) =>
      Deno.openSync(path, { write: true, createNew: true, mode }).close(),
    remove: (path) => Deno.removeSync(path),
  };
}

/** The host matters where containers share a directory: their pids are equal. */
function processName(Deno: DenoNamespace): string {
  const pid = String(Deno.pid);
  const mayAsk = isGranted(Deno, { name: "sys", kind: "hostname" });
  return mayAsk && Deno.hostname ? `${Deno.hostname()}:${pid}` : pid;
}

const OPEN_OPTIONS = {
  read: { read: true },
  write: { read: true, write: true },
  create: {
    read: true,
    write: true,
    createNew: true,
    mode: 0o600,
  },
} as const;

function denoFiles(Deno: FileCalls): SlotFiles {
  return {
    open(path, mode) {
      if (mode === "create") removeIfThere(Deno, path);
      return slotFile(Deno.openSync(path, OPEN_OPTIONS[mode]));
    },
    rename: (from, to) => Deno.renameSync(from, to),
    remove: (path) => Deno.removeSync(path),
    list: (directory) => [...Deno.readDirSync(directory)].map((it) => it.name),
  };
}

function removeIfThere(Deno: FileCalls, path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function slotFile(file: DenoFile): SlotFile {
  return {
    read(bytes, at) {
      file.seekSync(at, 0);
      return file.readSync(bytes) ?? 0;
    },
    write(bytes, at) {
      file.seekSync(at, 0);
      let done = file.writeSync(bytes);
      while (done < bytes.length) done += file.writeSync(bytes.subarray(done));
    },
    close: () => file.close(),
  };
}

/** How often a claim is tried while others only look at the slot. */
const MAX_TRIES = 20;

/** Seconds between two of these tries. */
const RETRY_SECONDS = 0.002;

/**
 * Slots that are claimed by an exclusive lock of a file. The kernel releases it
 * when its isolate or process ends, and holds it while they are frozen. It
 * excludes other openings of the file in the same isolate, too.
 */
class LockClaims implements SlotClaims {
  readonly #deno: FileCalls;
  readonly #timers: Timers;

  constructor(Deno: FileCalls, timers: Timers) {
    this.#deno = Deno;
    this.#timers = timers;
  }

  async claim(directory: string, slot: number): Promise<SlotClaim | undefined> {
    const path = lockPath(directory, slot);
    const file = this.#deno.openSync(path, {
      read: true,
      write: true,
      create: true,
      mode: 0o600,
    });
    let isHeld = false;
    try {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        isHeld = file.tryLockSync(true);
        if (isHeld || this.#isLocked(directory, slot)) break;
        await new Promise<void>((done) => {
          this.#timers.after(RETRY_SECONDS, done, { holds: true });
        });
      }
    } finally {
      if (!isHeld) file.close();
    }
    if (!isHeld) return undefined;
    const own = this.#factsOf(path);
    const untouch = this.#timers.every(TOUCH_SECONDS, () => {
      try {
        file.seekSync(0, 0);
        file.writeSync(new Uint8Array(1));
      } catch {
        // The disk is full: again in an hour.
      }
    });
    let isReleased = false;
    return {
      release() {
        untouch();
        if (!isReleased) file.close();
        isReleased = true;
      },
      isHeld: () =>
        !isReleased &&
        isSameFile(own, this.#factsOf(path)),
    };
  }

  #factsOf(path: string): FileIdentity | "missing" | undefined {
    try {
      return this.#deno.lstatSync(path);
    } catch (error) {
      return isMissing(error) ? "missing" : undefined;
    }
  }

  // deno-lint-ignore require-await -- an error is a rejection
  async isOwned(directory: string, slot: number): Promise<boolean> {
    return this.#isLocked(directory, slot);
  }

  /** Looks by a shared lock, so that those who look do not see each other. */
  #isLocked(directory: string, slot: number): boolean {
    let file;
    try {
      file = this.#deno.openSync(lockPath(directory, slot), { read: true });
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    try {
      return !file.tryLockSync(false);
    } finally {
      file.close();
    }
  }
}

/** Returns whether an error says that a file, or a directory above, is missing. */
function isMissing(error: unknown): boolean {
  const { name } = error as Error;
  return name === "NotFound" || name === "NotADirectory";
}

function lockPath(directory: string, slot: number): string {
  return `${directory}/s${slot}.lock`;
}
