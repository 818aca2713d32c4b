/**
 * Simulated traffic for the rules of findings: counts of slots, never requests.
 *
 * A service has 3 to 7 routes of 0.1 to 40 requests a second. Its load moves in
 * waves and rises to three times as much in a rush; bursts of 3 to 6 errors in 3 s
 * and 20 s of answers that take four times as long are no trouble.
 */

/** Random numbers of a seed: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 (included) to 1 (excluded). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** Returns a number whose logarithm is uniform. */
  log(low: number, high: number): number {
    return Math.exp(this.between(Math.log(low), Math.log(high)));
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  poisson(mean: number): number {
    if (mean > 50) {
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    }
    const limit = Math.exp(-mean);
    let count = 0;
    for (let left = this.next(); left > limit; left *= this.next()) count++;
    return count;
  }

  binomial(n: number, share: number): number {
    if (share <= 0 || n <= 0) return 0;
    if (share >= 1) return n;
    if (share > 0.5) return n - this.binomial(n, 1 - share);
    if (n * share > 30) {
      const sigma = Math.sqrt(n * share * (1 - share));
      const drawn = Math.round(n * share + sigma * this.normal());
      return Math.min(n, Math.max(0, drawn));
    }
    // Waiting times between two hits are geometric.
    const log = Math.log1p(-share);
    let count = 0;
    let at = Math.floor(Math.log(1 - this.next()) / log);
    while (at < n) {
      count++;
      at += 1 + Math.floor(Math.log(1 - this.next()) / log);
    }
    return count;
  }
}

/** Begin and end of something that happens, in seconds. */
interface Episode {
  readonly from: number;
  readonly to: number;
}

function within(episodes: readonly Episode[], time: number): boolean {
  return episodes.some(({ from, to }) => time >= from && time < to);
}

/** The load of a service: factors of all its routes. */
export class Load {
  readonly #waves: readonly { period: number; size: number; at: number }[];
  readonly #rushes: readonly Episode[];

  /** `seconds` is the length of the history. */
  constructor(random: Random, seconds: number) {
    this.#waves = [random.log(120, 600), random.log(600, 3600)].map((
      period,
    ) => ({
      period,
      size: random.between(0.1, 0.4),
      at: random.between(0, 2 * Math.PI),
    }));
    const rushes = random.poisson(seconds / 3600);
    this.#rushes = Array.from({ length: rushes }, () => {
      const from = random.between(0, seconds);
      return { from, to: from + random.between(120, 600) };
    });
  }

  /** Returns the load of a moment; 1 is the mean without rushes. */
  at(time: number): number {
    let load = 1;
    for (const { period, size, at } of this.#waves) {
      load *= 1 + size * Math.sin(at + 2 * Math.PI * time / period);
    }
    return within(this.#rushes, time) ? 3 * load : load;
  }
}

/** Bursts of errors in an hour of a route. */
const BURSTS = 0.2;

/** A route that fails in a share of cases, and in harmless bursts. */
export class FailingTraffic {
  readonly rate: number;
  readonly share: number;
  readonly #random: Random;
  readonly #load: Load;
  readonly #bursts: readonly { readonly slot: number; readonly k: number }[];

  constructor(random: Random, load: Load, seconds: number, slot: number) {
    this.#random = random;
    this.#load = load;
    this.rate = random.log(0.1, 40);
    this.share = random.next() < 0.3 ? 0 : random.log(0.0003, 0.01);
    const bursts = random.poisson(BURSTS * seconds / 3600);
    this.#bursts = Array.from({ length: bursts }, () => ({
      slot: Math.floor(random.between(0, seconds / slot)),
      k: random.whole(3, 6),
    }));
  }

  /** Draws requests and failures of a slot, with more failing by `extra`. */
  draw(slot: number, seconds: number, extra = 0): [number, number] {
    const load = this.#load.at(slot * seconds);
    const n = this.#random.poisson(this.rate * load * seconds);
    let k = this.#random.binomial(n, this.share);
    if (extra > 0) k += this.#random.binomial(n - k, extra);
    for (const burst of this.#bursts) {
      if (burst.slot === slot) return [n + burst.k, k + burst.k];
    }
    return [n, k];
  }
}

/** Durations of answers: log-normal, moved by the load and by slow episodes. */
export class SlowTraffic {
  readonly rate: number;
  readonly median: number;
  readonly sigma: number;
  /** How much the load moves durations: its logarithm counts so many times. */
  readonly #moves: number;
  readonly #random: Random;
  readonly #load: Pick<Load, "at">;
  readonly #bounds: readonly number[];
  readonly #slow: readonly Episode[];
  /** By the logarithm of the factor, in hundredths: shares of the cells. */
  readonly #shares = new Map<number, Float64Array>();

  constructor(
    random: Random,
    load: Pick<Load, "at">,
    seconds: number,
    bounds: readonly number[],
    rate: number = random.log(0.1, 40),
  ) {
    this.#random = random;
    this.#load = load;
    this.#bounds = bounds;
    this.rate = rate;
    this.median = random.log(0.004, 0.3);
    this.sigma = random.between(0.4, 1);
    this.#moves = random.between(0, 0.25);
    this.#slow = Array.from({ length: random.poisson(seconds / 3600) }, () => {
      const from = random.between(0, seconds);
      return { from, to: from + 20 };
    });
  }

  /** Draws the counts of the cells of a slot, `factor` times slower. */
  draw(
    slot: number,
    seconds: number,
    factor: number,
    observe: (cell: number, count: number) => void,
  ): void {
    const time = slot * seconds;
    const load = this.#load.at(time);
    const episode = within(this.#slow, time) ? 4 : 1;
    const log = Math.log(factor * episode) + this.#moves * Math.log(load);
    let left = this.#random.poisson(this.rate * load * seconds);
    const shares = this.#sharesOf(Math.round(100 * log));
    for (let cell = 0; left > 0; cell++) {
      const drawn = cell === shares.length - 1
        ? left
        : this.#random.binomial(left, shares[cell]!);
      if (drawn > 0) observe(cell, drawn);
      left -= drawn;
    }
  }

  /** Returns the share of each cell among the cells from it on. */
  #sharesOf(log: number): Float64Array {
    const kept = this.#shares.get(log);
    if (kept !== undefined) return kept;
    const median = Math.log(this.median) + log / 100;
    const below = [
      ...this.#bounds.map((bound) =>
        normalShare((Math.log(bound) - median) / this.sigma)
      ),
      1,
    ];
    const shares = Float64Array.from(below, (share, cell) => {
      const before = below[cell - 1] ?? 0;
      return before >= 1 ? 1 : (share - before) / (1 - before);
    });
    this.#shares.set(log, shares);
    return shares;
  }
}

/** Returns the share of a normal distribution below `z`; error under 1e-7. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * t *
    (0.31938153 +
      t * (-0.356563782 +
          t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}
