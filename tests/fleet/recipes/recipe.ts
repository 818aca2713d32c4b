/** Starts the recipes of a fleet as their users do, and scrapes them. */
import { type ChildProcess, spawn } from "node:child_process";
import { env } from "node:process";
import { ROOT, takenPort } from "../../support/programs.ts";
import { get, now, pause } from "../real/load.ts";
import { kill } from "../real/members.ts";
import { SlotFolder } from "../real/storm.ts";

/** The folder of the files of the recipes. */
export const FILES = `${ROOT}examples/operations/`;

/** Returns the first of `count` ports that are free now. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await takenPort();
    await new Promise((resolve) => first.server.close(resolve));
    const ports = Array.from({ length: count }, (_, at) => first.port + at);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first.port;
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    const { server } = await takenPort(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

/** The processes of a recipe, and the fleet that they make. */
export class Recipe implements AsyncDisposable {
  readonly #folder = new SlotFolder();
  readonly #children: ChildProcess[] = [];
  readonly #ends: Promise<number | string | null>[] = [];
  #errors = "";

  /** The directory of the fleet. */
  get dir(): string {
    return this.#folder.path;
  }

  /** Starts a process in the root of the repository. */
  start(
    [command, ...args]: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): void {
    const child = spawn(command!, args, {
      cwd: ROOT,
      env: { ...env, FLEET_DIR: this.dir, ...variables },
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.on("data", (text) => this.#errors += text);
    this.#children.push(child);
    this.#ends.push(
      new Promise((resolve) =>
        child.on("close", (code, signal) => resolve(code ?? signal))
      ),
    );
  }

  /** Resolves when the members at `ports` say that there are `count` members. */
  async untilMembers(count: number, ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      await this.untilSample(port, "barograph_fleet_members", count);
    }
  }

  /** Resolves when a scrape at `port` reads a number. */
  async untilSample(port: number, name: string, value: number): Promise<void> {
    const sample = new RegExp(`^${name} (\\S+)$`, "m");
    let seen: string | undefined;
    for (const begun = now(); now() - begun < 30_000; await pause(20)) {
      const text = await get(`http://127.0.0.1:${port}/metrics`)
        .catch(() => "");
      seen = sample.exec(text)?.[1];
      if (seen === String(value)) return;
    }
    throw new Error(`${name} is ${seen}, not ${value}. ${this.#errors}`);
  }

  /** Sends SIGTERM to all, and returns how they have ended. */
  end(): Promise<(number | string | null)[]> {
    for (const child of this.#children) kill(child, "SIGTERM");
    return Promise.all(this.#ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) kill(child, "SIGKILL");
    await Promise.all(this.#ends);
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Orders something at each port, `times` times. */
export async function order(
  ports: readonly number[],
  times: number,
): Promise<void> {
  for (const port of ports) {
    for (let at = 0; at < times; at++) await get(`http://127.0.0.1:${port}/`);
  }
}
