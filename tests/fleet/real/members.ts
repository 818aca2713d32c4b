/** Starts, freezes, blocks and kills the processes of a fleet. */
import { type ChildProcess, spawn } from "node:child_process";
import process, { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import { ROOT, runArgs } from "../../support/programs.ts";
import type { History } from "./history.ts";
import { get, now, pause } from "./load.ts";
import type { Random } from "./random.ts";

/** The folder of the programs. */
export const PROGRAMS = "tests/fleet/real/programs/";

/** A process that has printed `ready <port>`. */
export interface Member {
  /** Its name in acknowledgements. */
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
  /** Whether it is frozen or blocked. */
  isBusy: boolean;
}

/** Options of a member. */
export interface MemberOptions {
  /** The program. Default: `process.ts`. */
  readonly program?: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts a process and waits until it serves. */
export async function startMember(
  { program = "process.ts", variables }: MemberOptions,
): Promise<Member> {
  const child = spawn(execPath, runArgs(PROGRAMS + program), {
    cwd: ROOT,
    env: { ...env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const port = await readyPort(child);
  return {
    name: String(child.pid),
    url: `http://127.0.0.1:${port}`,
    child,
    isBusy: false,
  };
}

function readyPort(child: ChildProcess): Promise<number> {
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => errors += text);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const ready = /^ready (\d+)$/.exec(line);
      if (ready !== null) resolve(Number(ready[1]));
    });
    child.on(
      "close",
      (code, signal) =>
        reject(new Error(`The member ended (${code ?? signal}): ${errors}`)),
    );
  });
}

/**
 * Sends a signal to a process that has not ended. `child.kill()` of Deno takes the
 * signal for the end of the process, before that has happened.
 */
export function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(child.pid!, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Resolves with the exit code or the signal that has ended a process. */
export function endOf(child: ChildProcess): Promise<number | string> {
  const end = (): number | string | null => child.exitCode ?? child.signalCode;
  return new Promise((resolve) => {
    if (end() !== null) resolve(end()!);
    else child.on("close", () => resolve(end()!));
  });
}

/** Members that are killed, frozen and blocked in an order that a seed repeats. */
export class Nemesis {
  /** The members; a killed one is replaced in its place. */
  readonly members: Member[];
  /** How often it has done what. */
  readonly done = { kills: 0, freezes: 0, blocks: 0 };
  readonly #history: History;
  readonly #random: Random;
  readonly #start: () => Promise<Member>;
  readonly #open = new Set<Promise<void>>();
  readonly #restarting = new Set<Member>();

  private constructor(
    history: History,
    random: Random,
    start: () => Promise<Member>,
    members: Member[],
  ) {
    this.#history = history;
    this.#random = random;
    this.#start = start;
    this.members = members;
  }

  /** Starts `count` members at the same time. */
  static async start(
    count: number,
    history: History,
    random: Random,
    options: MemberOptions,
  ): Promise<Nemesis> {
    const start = (): Promise<Member> => startMember(options);
    const members = await Promise.all(Array.from({ length: count }, start));
    return new Nemesis(history, random, start, members);
  }

  /** Returns the address of any member, whatever its condition. */
  anyUrl(): string {
    return this.#random.of(this.members).url;
  }

  /** Returns the address of a member that runs; of any if there is none. */
  runningUrl(): string {
    const running = this.#running();
    return this.#random.of(running.length > 0 ? running : this.members).url;
  }

  #running(): Member[] {
    return this.members.filter((member) =>
      !member.isBusy && !this.#restarting.has(member)
    );
  }

  /** Does something to a member from time to time, at most to all but one. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await pause(this.#random.below(400));
      const running = this.#running();
      if (running.length < 2) continue;
      const member = this.#random.of(running);
      const span = 100 + this.#random.below(700);
      const chance = this.#random.below(3);
      if (chance < 1) this.#note(this.#kill(member));
      else if (chance < 2) this.#note(this.#freeze(member, span));
      else this.#note(this.#block(member, span));
    }
    await Promise.all(this.#open);
  }

  #note(work: Promise<void>): void {
    this.#open.add(work);
    work.finally(() => this.#open.delete(work)).catch(() => {});
  }

  async #kill(member: Member): Promise<void> {
    this.done.kills++;
    this.#restarting.add(member);
    this.#history.kills.push({ member: member.name, at: now() });
    kill(member.child, "SIGKILL");
    await endOf(member.child);
    const successor = await this.#start();
    this.members[this.members.indexOf(member)] = successor;
    this.#restarting.delete(member);
  }

  async #freeze(member: Member, span: number): Promise<void> {
    this.done.freezes++;
    const from = now();
    member.isBusy = true;
    kill(member.child, "SIGSTOP");
    // Now and then it is killed while it is frozen.
    const isKilled = this.#random.below(4) < 1;
    await pause(span);
    this.#history.pauses.push({ member: member.name, from, to: now() });
    if (isKilled) return await this.#kill(member);
    kill(member.child, "SIGCONT");
    member.isBusy = false;
  }

  async #block(member: Member, span: number): Promise<void> {
    this.done.blocks++;
    const from = now();
    member.isBusy = true;
    const isKilled = this.#random.below(4) < 1;
    const answer = get(`${member.url}/block?ms=${span}`).catch(() => {});
    await (isKilled ? pause(span / 2) : answer);
    this.#history.pauses.push({ member: member.name, from, to: now() });
    if (isKilled) return await this.#kill(member);
    member.isBusy = false;
  }

  /** Kills all members at once. */
  async killAll(): Promise<void> {
    for (const { name, child } of this.members) {
      this.#history.kills.push({ member: name, at: now() });
      kill(child, "SIGKILL");
    }
    await Promise.all(this.members.map(({ child }) => endOf(child)));
  }

  /** Ends all members in order. */
  async end(): Promise<void> {
    for (const { child } of this.members) kill(child, "SIGTERM");
    await Promise.all(this.members.map(({ child }) => endOf(child)));
  }

  /** Ends all members at once; for the end of a test. */
  [Symbol.dispose](): void {
    for (const { child } of this.members) kill(child, "SIGKILL");
  }
}
