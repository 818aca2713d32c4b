/** A host in memory, on which registries join fleets. */
import { joinOn } from "../../../src/fleet/join.ts";
import type { Fleet, FleetOptions } from "../../../src/fleet/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import type {
  FleetPlatform,
  SlotClaim,
  SlotClaims,
} from "../../../src/platform/internal.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { MemoryDisk, type OnCall } from "../slot/memory_files.ts";

/** The owners of slots, as a kernel in memory knows them. */
class MemoryClaims {
  readonly #owners = new Map<string, object>();

  /** Claims for a process; `owner` identifies it. */
  of(owner: object): SlotClaims {
    return {
      claim: (directory, slot) => {
        const key = `${directory}/${slot}`;
        if (this.#owners.has(key)) return Promise.resolve(undefined);
        this.#owners.set(key, owner);
        const claim: SlotClaim = {
          release: () => {
            if (this.#owners.get(key) === owner) this.#owners.delete(key);
          },
          isHeld: () => this.#owners.get(key) === owner,
        };
        return Promise.resolve(claim);
      },
      isOwned: (directory, slot) =>
        Promise.resolve(this.#owners.has(`${directory}/${slot}`)),
    };
  }

  /** Ends all claims of a process. */
  end(owner: object): void {
    for (const [key, value] of this.#owners) {
      if (value === owner) this.#owners.delete(key);
    }
  }

  /** Ends all claims, as if somebody had removed their files. */
  clear(): void {
    this.#owners.clear();
  }

  /** The number of slots, and gates, that have owners. */
  get size(): number {
    return this.#owners.size;
  }
}

/** Options of an isolate. */
export interface IsolateOptions {
  /** The name of its process. Default: a unique one. */
  readonly process?: string;
  readonly onCall?: OnCall;
  readonly claims?: Partial<SlotClaims>;
  readonly prepare?: (directory: string) => void;
  readonly mainPath?: (onGuess: () => void) => string;
}

/** A host: its files, its claims and its time. */
export class Host {
  readonly disk = new MemoryDisk();
  readonly claims = new MemoryClaims();
  readonly timers = new FakeTimers();
  #isolates = 0;

  /** Starts an isolate. */
  isolate(options: IsolateOptions = {}): Isolate {
    return new Isolate(this, `p${this.#isolates++}`, options);
  }

  /** Lets time pass, in steps in which asynchronous work is done. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 0.25) {
      this.timers.advance(Math.min(0.25, seconds - passed));
      await settled();
    }
  }
}

/** Waits until all work has been done that waits for nothing else. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 200; i++) await undefined;
}

/** An isolate with a registry and its endpoint. */
export class Isolate {
  readonly registry: Registry;
  readonly answer: (request: Request) => Promise<Response>;
  readonly #host: Host;
  readonly #platform: FleetPlatform;
  readonly #exits = new Set<() => void>();
  readonly #timers: FakeTimers;

  constructor(host: Host, name: string, options: IsolateOptions) {
    this.#host = host;
    this.#timers = host.timers;
    const { clock } = host.timers;
    this.registry = createRegistry({ clock, selfMetrics: false });
    this.answer = metricsHandler(this.registry, { clock, prepare: false });
    this.#platform = {
      files: host.disk.member(options.onCall),
      claims: { ...host.claims.of(this), ...options.claims },
      scheme: "memory",
      user: () => "1000",
      prepare: options.prepare ?? (() => {}),
      process: options.process ?? name,
      mainPath: options.mainPath ?? (() => "/srv/app.ts"),
      onExit: (work) => {
        this.#exits.add(work);
        return () => this.#exits.delete(work);
      },
    };
  }

  /** Joins; the fleet's default name is that of the program. */
  join(options: FleetOptions = {}): Promise<Fleet> {
    const { clock } = this.#timers;
    const all = { clock, timers: this.#timers, ...options };
    return joinOn(() => this.#platform, this.registry, all);
  }

  /** Ends the isolate in order, as at a signal. */
  exit(): void {
    for (const work of this.#exits) work();
  }

  /** The number of functions that run at the end of the isolate. */
  get exits(): number {
    return this.#exits.size;
  }

  /** Lets its claims go, as the kernel does after the death of a process. */
  die(): void {
    this.#host.claims.end(this);
  }

  /** Scrapes it. */
  async scrape(
    query = "",
    headers: Record<string, string> = {},
  ): Promise<string> {
    const url = `http://localhost/metrics${query}`;
    return await (await this.answer(new Request(url, { headers }))).text();
  }

  /** Returns the value of a series of a scrape; undefined: there is none. */
  async value(series: string, query = ""): Promise<number | undefined> {
    return valueIn(await this.scrape(query), series);
  }
}

/** Returns the value of a series, written as in the text. */
export function valueIn(text: string, series: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(" ")[1]);
}

/** Calls `work`; returns the warnings that it has logged. */
export async function warnings(
  work: () => Promise<unknown>,
): Promise<string[]> {
  const { warn } = console;
  const texts: string[] = [];
  console.warn = (text: string) => void texts.push(text);
  try {
    await work();
  } finally {
    console.warn = warn;
  }
  return texts;
}
