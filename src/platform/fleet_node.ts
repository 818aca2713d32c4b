/** The files and sockets of Node, for a fleet. */
import type { Timers } from "../base/mod.ts";
import { builtin } from "./builtin.ts";
import { EXACT } from "./exact_stats.ts";
import {
  type DirectoryCalls,
  prepareDirectory,
  refusal,
  userIn,
} from "./fleet_directory.ts";
import { nodeMainPath } from "./main_path.ts";
import { onExit } from "./on_exit.ts";
import type { FleetPlatform, SlotFile, SlotFiles } from "./slot_files.ts";
import {
  MAX_SOCKET_NAME,
  type Net,
  SocketClaims,
  type SocketFiles,
} from "./socket_claims.ts";

interface NodeFiles extends SocketFiles {
  openSync(path: string, flags: string, mode: number): number;
  closeSync(file: number): void;
  readSync(
    file: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    at: number,
  ): number;
  writeSync(
    file: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    at: number,
  ): number;
  renameSync(from: string, to: string): void;
  mkdirSync(path: string, options: object): void;
  readlinkSync?(path: string): string;
}

interface Process {
  readonly pid?: number;
  readonly platform?: string;
}

/** Maximum length of the path of a Unix socket on all systems, in bytes. */
const MAX_SOCKET_PATH = 103;

/**
 * Returns the services of Node for a fleet; undefined without files. `isRefused`
 * confirms that nobody listens on a socket. Default: the error of `node:net` does.
 */
export function nodeFleet(
  timers: Timers,
  isRefused?: (path: string) => Promise<boolean>,
): FleetPlatform | undefined {
  const { process } = globalThis as { readonly process?: Process };
  const fs = builtin<NodeFiles>("node:fs");
  const net = builtin<Net>("node:net");
  // Windows has no sockets that are files.
  if (fs?.openSync === undefined || net?.createServer === undefined) return;
  if (process?.pid === undefined || process.platform === "win32") return;
  return {
    files: nodeFiles(fs),
    claims: new SocketClaims(fs, net, timers, isRefused),
    scheme: "socket",
    user: (dir) => String(userIn(directoryCalls(fs), dir) ?? ""),
    prepare: (directory) => prepare(fs, directory),
    process: `${hostOf(fs)}:${process.pid}`,
    mainPath: nodeMainPath,
    onExit,
  };
}

/**
 * Returns what tells containers apart that share a directory, because their pids
 * are equal: the name of the host, and the namespace of pids. With the network of
 * the host, their names are equal, too.
 */
function hostOf(fs: NodeFiles): string {
  const name = builtin<{ hostname?(): string }>("node:os")?.hostname?.() ?? "";
  try {
    return `${name}:${fs.readlinkSync?.("/proc/self/ns/pid") ?? ""}`;
  } catch {
    return name; // only Linux has namespaces
  }
}

function prepare(fs: NodeFiles, directory: string): void {
  const { length } = new TextEncoder().encode(directory);
  const limit = MAX_SOCKET_PATH - MAX_SOCKET_NAME - 1;
  if (length > limit) {
    throw refusal(
      directory,
      `its path has ${length} bytes, and sockets in it need one of at most ` +
        `${limit}; shorten it`,
    );
  }
  prepareDirectory(directoryCalls(fs), directory);
}

function directoryCalls(fs: NodeFiles): DirectoryCalls {
  return {
    make: (path, mode) => fs.mkdirSync(path, { recursive: true, mode }),
    facts(path) {
      const stats = fs.lstatSync(path, EXACT);
      return {
        isDirectory: stats.isDirectory(),
        mode: Number(stats.mode),
        owner: Number(stats.uid),
      };
    },
    makeFile: (path, mode) => fs.closeSync(fs.openSync(path, "wx", mode)),
    remove: (path) => fs.unlinkSync(path),
  };
}

const FLAGS = { read: "r", write: "r+", create: "wx+" } as const;

function nodeFiles(fs: NodeFiles): SlotFiles {
  return {
    open(path, mode) {
      if (mode === "create") removeIfThere(fs, path);
      return slotFile(fs, fs.openSync(path, FLAGS[mode], 0o600));
    },
    rename: (from, to) => fs.renameSync(from, to),
    remove: (path) => fs.unlinkSync(path),
    list: (directory) => fs.readdirSync(directory),
  };
}

function removeIfThere(fs: NodeFiles, path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
  }
}

function slotFile(fs: NodeFiles, file: number): SlotFile {
  return {
    read: (bytes, at) => fs.readSync(file, bytes, 0, bytes.length, at),
    write(bytes, at) {
      const { length } = bytes;
      let done = fs.writeSync(file, bytes, 0, length, at);
      while (done < length) {
        done += fs.writeSync(file, bytes, done, length - done, at + done);
      }
    },
    close: () => fs.closeSync(file),
  };
}
