/**
 * Files in memory, whose calls can fail, end their caller, or let others run in
 * between. Like a kernel, they read and write aligned words of 8 bytes at once, and
 * longer runs of bytes in parts.
 */
import type { SlotFile, SlotFiles } from "../../../src/platform/internal.ts";

/** Ends a member: each later call of its files throws it, too. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** A call of a member. */
export interface Call {
  readonly method:
    | "open"
    | "read"
    | "write"
    | "close"
    | "rename"
    | "remove"
    | "list";
  readonly path: string;
  /** The number of bytes to read or write; else 0. */
  readonly length: number;
}

/** The moment within a call at which something else happens. */
export interface Interruption {
  /** The share of the call that is done before: from 0 to 1. */
  readonly after: number;
  /** Runs others, or throws: `Crash` ends the member, other errors only the call. */
  readonly run: () => void;
}

export type OnCall = (call: Call) => Interruption | undefined;

interface Inode {
  bytes: Uint8Array;
}

/** The files that members share. */
export class MemoryDisk {
  readonly #inodes = new Map<string, Inode>();
  /** The number of bytes of the longest read. */
  longestRead = 0;
  /** The number of files that are open. */
  openFiles = 0;

  /** Returns the bytes of a file. */
  get(path: string): Uint8Array | undefined {
    return this.#inodes.get(path)?.bytes.slice();
  }

  /** Replaces a file; undefined: removes it. */
  set(path: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#inodes.delete(path);
    else this.#inodes.set(path, { bytes: bytes.slice() });
  }

  /** Returns the files as one member sees them. */
  member(onCall: OnCall = () => undefined): SlotFiles {
    const inodes = this.#inodes;
    let isDead = false;
    /** Does a call in two parts: up to `cut`, and the rest. */
    const during = (
      call: Call,
      at: number,
      work: (from: number, to: number) => void,
    ): void => {
      if (isDead) throw new Crash("the member has crashed");
      try {
        const stop = onCall(call);
        const length = Math.max(call.length, 1);
        const end = at + Math.floor(length * (stop?.after ?? 1));
        const cut = end >= at + length
          ? length
          : Math.max(0, end - end % 8 - at);
        if (cut > 0) work(0, cut);
        stop?.run();
        if (cut < length) work(cut, length);
      } catch (error) {
        isDead ||= error instanceof Crash;
        throw error;
      }
    };
    const missing = (path: string): Error =>
      Object.assign(new Error(`no file ${path}`), { code: "ENOENT" });
    const find = (path: string): Inode => {
      const inode = inodes.get(path);
      if (inode === undefined) throw missing(path);
      return inode;
    };
    const simple = <T>(
      method: Call["method"],
      path: string,
      work: () => T,
    ): T => {
      let result: { readonly value: T } | undefined;
      during({ method, path, length: 0 }, 0, () => result = { value: work() });
      return result!.value;
    };
    const opened = (path: string, inode: Inode): SlotFile => {
      this.openFiles++;
      return {
        read: (bytes, at) => {
          let done = 0;
          this.longestRead = Math.max(this.longestRead, bytes.length);
          const call: Call = { method: "read", path, length: bytes.length };
          during(call, at, (from, to) => {
            const part = inode.bytes.subarray(at + from, at + to);
            if (done === from) bytes.set(part, from);
            if (done === from) done += part.length;
          });
          return done;
        },
        write: (bytes, at) => {
          const call: Call = { method: "write", path, length: bytes.length };
          during(call, at, (from, to) => {
            const end = at + Math.min(to, bytes.length);
            if (end > inode.bytes.length) {
              const longer = new Uint8Array(end);
              longer.set(inode.bytes);
              inode.bytes = longer;
            }
            inode.bytes.set(bytes.subarray(from, to), at + from);
          });
        },
        close: () => {
          this.openFiles--;
          simple("close", path, () => {});
        },
      };
    };
    return {
      open: (path, mode) => {
        const inode = simple("open", path, () => {
          if (mode !== "create") return find(path);
          const made = inodes.get(path) ?? { bytes: new Uint8Array(0) };
          made.bytes = new Uint8Array(0);
          inodes.set(path, made);
          return made;
        });
        return opened(path, inode);
      },
      rename: (from, to) =>
        simple("rename", from, () => {
          inodes.set(to, find(from));
          inodes.delete(from);
        }),
      remove: (path) =>
        simple("remove", path, () => {
          find(path);
          inodes.delete(path);
        }),
      list: (directory) =>
        simple(
          "list",
          directory,
          () =>
            [...inodes.keys()].filter((path) =>
              path.startsWith(`${directory}/`)
            )
              .map((path) => path.slice(directory.length + 1)),
        ),
    };
  }
}
