/**
 * Slots that are claimed by Unix sockets, where a runtime cannot lock files.
 *
 * The sockets of a slot are named `s<slot>.<number>`. The one of the highest
 * number decides: if it accepts connections, its process owns the slot.
 *
 * - A claimant listens on a socket with a unique name, and then links it to the
 *   next number: if two do so, one fails. Thus a name of a slot accepts
 *   connections from its first moment, and one that refuses them is dead.
 * - The highest number never falls: a released name stays, and the next owner
 *   removes names of lower numbers only. A claimant that comes late finds a higher
 *   number than its own, and withdraws.
 */
import type { Timers } from "../base/mod.ts";
import { EXACT, type ExactStats } from "./exact_stats.ts";
import {
  type FileIdentity,
  isSameFile,
  randomName,
  TOUCH_SECONDS,
} from "./fleet_directory.ts";
import type { SlotClaim, SlotClaims } from "./slot_files.ts";

/** The part of `node:fs` that claims use. */
export interface SocketFiles {
  linkSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  chmodSync(path: string, mode: number): void;
  lstatSync(path: string, options: typeof EXACT): ExactStats;
  readdirSync(path: string): readonly string[];
}

interface Connection {
  on(event: "connect", listener: () => void): unknown;
  on(event: "error", listener: (error: Fault) => void): unknown;
  destroy(): unknown;
}

interface Server {
  on(event: "error", listener: (error: Fault) => void): unknown;
  listen(options: object, listener: () => void): unknown;
  unref(): unknown;
  close(): unknown;
}

/** The part of `node:net` that claims use. */
export interface Net {
  connect(options: { readonly path: string }): Connection;
  createServer(
    options: object,
    listener: (connection: Connection) => void,
  ): Server;
}

interface Fault {
  readonly code?: string;
}

/** Maximum length of the name of a socket: `s9999.` and ten digits. */
export const MAX_SOCKET_NAME = 16;

/** Seconds that an owner has to accept a connection; if late, it is alive. */
const CONNECT_SECONDS = 0.2;

/** How often a claim starts again if another member removes its names. */
const MAX_TRIES = 3;

/** Age of an unlinked name, in milliseconds, at which its claimant has died. */
const MAX_UNLINKED_MS = 60_000;

export class SocketClaims implements SlotClaims {
  readonly #files: SocketFiles;
  readonly #net: Net;
  readonly #timers: Timers;
  readonly #isRefused: (path: string) => Promise<boolean>;

  /** `isRefused` confirms that nobody listens on a socket. */
  constructor(
    files: SocketFiles,
    net: Net,
    timers: Timers,
    isRefused?: (path: string) => Promise<boolean>,
  ) {
    this.#files = files;
    this.#net = net;
    this.#timers = timers;
    this.#isRefused = isRefused ?? (() => Promise.resolve(true));
  }

  async claim(directory: string, slot: number): Promise<SlotClaim | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { highest, isOwned } = await this.#look(directory, slot);
      if (isOwned) return undefined;
      const claim = await this.#claimAs(directory, slot, highest + 1);
      if (claim !== "again") return claim;
    }
    return undefined;
  }

  async isOwned(directory: string, slot: number): Promise<boolean> {
    return (await this.#look(directory, slot)).isOwned;
  }

  /** Returns the highest number of a slot, and whether its process lives. */
  async #look(
    directory: string,
    slot: number,
  ): Promise<{ highest: number; isOwned: boolean }> {
    let highest = 0;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      highest = Math.max(0, ...this.#numbers(directory, slot));
      if (highest === 0) return { highest, isOwned: false };
      const path = socketPath(directory, slot, highest);
      const state = await this.#stateOf(path);
      if (state === "alive") return { highest, isOwned: true };
      if (state === "dead") {
        return { highest, isOwned: !await this.#isRefused(path) };
      }
      // The next owner has removed the name: there is a higher one.
    }
    return { highest, isOwned: true };
  }

  /** Claims a slot by a number, whose predecessor refuses connections. */
  async #claimAs(
    directory: string,
    slot: number,
    number: number,
  ): Promise<SlotClaim | undefined | "again"> {
    const unlinked = `${directory}/u${randomName()}`;
    const path = socketPath(directory, slot, number);
    const server = await this.#listen(unlinked);
    let isClaimed = false;
    try {
      this.#files.linkSync(unlinked, path);
      isClaimed = Math.max(...this.#numbers(directory, slot)) <= number;
      if (!isClaimed) this.#remove(path);
    } catch (error) {
      const { code } = error as Fault;
      if (code === "EEXIST") return undefined;
      if (code === "ENOENT") return "again"; // it was taken for a dead one
      throw error;
    } finally {
      if (isClaimed) this.#clean(directory, slot, number, unlinked);
      this.#remove(unlinked);
      if (!isClaimed) server.close();
    }
    if (!isClaimed) return undefined;
    const own = this.#factsOf(path);
    const untouch = this.#timers.every(TOUCH_SECONDS, () => {
      try {
        this.#files.chmodSync(path, 0o600); // sets the time of its last change
      } catch {
        // It was removed.
      }
    });
    let isReleased = false;
    return {
      release() {
        untouch();
        if (!isReleased) server.close();
        isReleased = true;
      },
      isHeld: () => !isReleased && isSameFile(own, this.#factsOf(path)),
    };
  }

  #factsOf(path: string): FileIdentity | "missing" | undefined {
    try {
      return this.#files.lstatSync(path, EXACT);
    } catch (error) {
      const { code } = error as Fault;
      return code === "ENOENT" || code === "ENOTDIR" ? "missing" : undefined;
    }
  }

  /** Removes the names of earlier owners, and those that were never linked. */
  #clean(
    directory: string,
    slot: number,
    number: number,
    unlinked: string,
  ): void {
    for (const lower of this.#numbers(directory, slot)) {
      if (lower < number) this.#remove(socketPath(directory, slot, lower));
    }
    try {
      const { mtimeMs: now } = this.#files.lstatSync(unlinked, EXACT);
      for (const name of this.#files.readdirSync(directory)) {
        const path = `${directory}/${name}`;
        if (!UNLINKED.test(name)) continue;
        const { mtimeMs } = this.#files.lstatSync(path, EXACT);
        if (Number(now - mtimeMs) > MAX_UNLINKED_MS) this.#remove(path);
      }
    } catch {
      // Another member has removed them.
    }
  }

  #numbers(directory: string, slot: number): readonly number[] {
    const numbers: number[] = [];
    for (const name of this.#files.readdirSync(directory)) {
      const [, of, number] = NAME.exec(name) ?? [];
      if (of === String(slot)) numbers.push(Number(number));
    }
    return numbers;
  }

  #remove(path: string): void {
    try {
      this.#files.unlinkSync(path);
    } catch {
      // Another member has removed it.
    }
  }

  #listen(path: string): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = this.#net.createServer({}, (connection) => {
        connection.on("error", () => {});
        connection.destroy();
      });
      server.on("error", reject);
      // Exclusive: workers of node:cluster would let their primary listen, whose
      // socket outlives them.
      server.listen({ path, exclusive: true }, () => {
        server.unref();
        resolve(server);
      });
    });
  }

  /** Connects to a socket. A process that is frozen accepts nothing, but lives. */
  #stateOf(path: string): Promise<"alive" | "dead" | "missing"> {
    return new Promise((resolve) => {
      const connection = this.#net.connect({ path });
      const end = (state: "alive" | "dead" | "missing"): void => {
        cancel();
        connection.destroy();
        resolve(state);
      };
      const cancel = this.#timers.after(CONNECT_SECONDS, () => end("alive"), {
        holds: true,
      });
      connection.on("connect", () => end("alive"));
      connection.on("error", ({ code }) => {
        if (code === "ECONNREFUSED") end("dead");
        else end(code === "ENOENT" ? "missing" : "alive");
      });
    });
  }
}

/** The name of a socket of a slot. */
const NAME = /^s(\d+)\.(\d{1,10})$/;

/** The name of a socket that has no slot yet. */
const UNLINKED = /^u[\da-f]{12}$/;

function socketPath(directory: string, slot: number, number: number): string {
  return `${directory}/s${slot}.${number}`;
}
