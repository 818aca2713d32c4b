/**
 * Files of Unix sockets. The file of a program that was killed remains, and no
 * other program can listen there until someone removes it.
 */
import type { Timers } from "../base/mod.ts";
import { builtin } from "./builtin.ts";
import { EXACT, type ExactStats } from "./exact_stats.ts";

interface Files {
  lstatSync(path: string, options: typeof EXACT): ExactStats;
  unlinkSync(path: string): void;
}

interface Connection {
  on(event: "connect", listener: () => void): unknown;
  on(event: "error", listener: (error: { code?: string }) => void): unknown;
  destroy(): unknown;
}

interface Net {
  connect(options: { readonly path: string }): Connection;
}

/** Seconds that a program has to accept a connection; if late, it is alive. */
const CONNECT_SECONDS = 1;

/**
 * Removes the file at `path` if it is a socket on which nobody listens. Returns
 * whether it was removed. Never removes a file of another kind, a link, or a
 * socket that accepts connections or does not answer.
 */
export async function removeStaleSocket(
  path: string,
  timers: Timers,
): Promise<boolean> {
  const files = builtin<Files>("node:fs");
  const net = builtin<Net>("node:net");
  if (files === undefined || net === undefined) return false;
  try {
    const before = files.lstatSync(path, EXACT);
    if (!before.isSocket()) return false;
    if (!await isRefused(net, path, timers)) return false;
    // Another program may have replaced it meanwhile. Inodes are used again.
    const now = files.lstatSync(path, EXACT);
    const isSame = now.dev === before.dev && now.ino === before.ino &&
      now.ctimeNs === before.ctimeNs;
    if (isSame) files.unlinkSync(path);
    return isSame;
  } catch {
    return false; // no permission, or removed by someone else
  }
}

/** Connects to the socket. Returns whether nobody listens. */
function isRefused(net: Net, path: string, timers: Timers): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    const end = (isRefused: boolean): void => {
      cancel();
      socket.destroy();
      resolve(isRefused);
    };
    const cancel = timers.after(CONNECT_SECONDS, () => end(false), {
      holds: true,
    });
    socket.on("connect", () => end(false));
    socket.on("error", ({ code }) => end(code === "ECONNREFUSED"));
  });
}
