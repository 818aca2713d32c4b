/** Simulates visitors: a seeded generator yields the same requests in every run. */

const PAYMENTS = ["card", "card", "card", "cash", "voucher"];

/** Returns a generator of pseudo-random numbers from 0 up to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Yields the requests of visitors, without end. */
export function* visitors(origin: string, seed = 1): Generator<Request> {
  const random = randomOf(seed);
  for (;;) {
    yield new Request(`${origin}/`);
    const items = Math.floor(random() * 4);
    for (let i = 0; i < items; i++) {
      yield new Request(`${origin}/items/${1 + Math.floor(random() * 500)}`);
    }
    if (random() < 0.1) yield new Request(`${origin}/lost-and-found`);
    if (items === 0) continue;
    const payment = PAYMENTS[Math.floor(random() * PAYMENTS.length)]!;
    const euros = (items * (2 + 60 * random() ** 3)).toFixed(2);
    yield new Request(`${origin}/orders/${payment}`, {
      method: "POST",
      headers: { "x-euros": euros },
    });
  }
}
