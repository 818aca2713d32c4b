/** Simulates visitors, who come one after the other and then shop by themselves. */
import { duration } from "./random.ts";
import type { World } from "./world.ts";

/** Visitors a second. */
const RATE = 3;

/** Median of the seconds that a visitor thinks between two requests. */
const THINKS = 2;

const PAYMENTS = ["card", "card", "card", "cash", "voucher"];

const COLOURS = "red orange yellow green blue black white grey pink brown"
  .split(" ");
const KINDS = "old new small large round flat soft light long warm dry".split(
  " ",
);
const THINGS = "lamp chair table shelf clock rug mirror vase bowl basket kettle"
  .split(" ");

/** Sends the requests of visitors to `origin`, until `stop` is called. */
export class Visitors {
  readonly #world: World;
  readonly #origin: string;
  #isStopped = false;
  /** Requests that were answered. */
  answered = 0;

  constructor(world: World, origin: string) {
    this.#world = world;
    this.#origin = origin;
  }

  /** Lets visitors come. */
  start(): void {
    this.#next();
  }

  /** Lets no more visitors come; those that are there leave. */
  stop(): void {
    this.#isStopped = true;
  }

  #next(): void {
    if (this.#isStopped) return;
    const { time, random } = this.#world;
    // Independent arrivals: gaps have an exponential distribution.
    time.after(-Math.log(1 - random()) / RATE, () => {
      this.#next();
      void this.#visit();
    });
  }

  async #visit(): Promise<void> {
    const { time, random } = this.#world;
    for (const [method, path, headers] of this.#wishes()) {
      if (this.#isStopped) return;
      await this.#request(method, path, headers);
      await time.wait(duration(random, THINKS));
    }
  }

  async #request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<void> {
    try {
      const response = await this.#world.fetch(`${this.#origin}${path}`, {
        method,
        headers,
      });
      await response.arrayBuffer();
      this.answered++;
    } catch {
      // The shop has closed.
    }
  }

  /** Yields the requests of one visitor. */
  *#wishes(): Generator<[string, string, Record<string, string>?]> {
    const { random } = this.#world;
    const one = (list: readonly string[]) =>
      list[Math.floor(random() * list.length)]!;
    yield ["GET", "/"];
    if (random() < 0.1) yield ["GET", "/lost-and-found"];
    if (random() < 0.7) {
      const term = [one(COLOURS), one(KINDS), one(THINGS)].join("-");
      yield ["GET", `/search?term=${term}`];
    }
    const items = Math.floor(random() * 5);
    let [bought, euros] = [0, 0];
    for (let i = 0; i < items; i++) {
      const item = 1 + Math.floor(random() * 500);
      yield ["GET", `/items/${item}`];
      if (random() < 0.5) continue;
      yield ["POST", `/cart/${item}`];
      bought++;
      euros += 2 + 60 * random() ** 3;
    }
    if (bought === 0) return;
    yield ["POST", `/orders/${one(PAYMENTS)}`, {
      "x-euros": euros.toFixed(2),
      "x-items": `${bought}`,
    }];
  }
}
