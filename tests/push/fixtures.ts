/** Span generators, a fake collector, and fake timers. */
import * as fc from "../support/property.ts";
import type {
  Cancel,
  PostFetch,
  TimerOptions,
  Timers,
} from "../../src/push/mod.ts";
import { type FakeClock, FakeTimers } from "../../src/testing/mod.ts";
import type {
  Attributes,
  SpanContext,
  SpanKind,
  SpanRecord,
} from "../../src/trace/mod.ts";
import { readExport, type SeenExport } from "../support/otlp_reader.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes })
    .map((all) => Array.from(all, (b) => b.toString(16).padStart(2, "0")))
    .map((digits) => digits.join(""))
    .filter((digits) => !/^0+$/.test(digits));

/** Strings with any code point and with lone surrogates. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })))
    .map((units) => String.fromCharCode(...units)),
);
const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());

const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  text.filter((name) =>
    name !== "" && name !== "__proto__" && name.isWellFormed()
  ), // as spans have them
  fc.oneof(
    text,
    number,
    fc.boolean(),
    fc.array(text),
    fc.array(number),
    fc.array(fc.boolean()),
  ),
  { noNullPrototype: true, maxKeys: 6 },
);

const context: fc.Arbitrary<SpanContext> = fc.record({
  traceId: hex(16),
  spanId: hex(8),
  sampled: fc.boolean(),
  traceState: fc.constantFrom("", "a=1", "a=1,b@c=2"),
});

/** Times of this century with the precision of a float64. */
const moment = fc.double({ min: 0, max: 4e9, noNaN: true });
const count = fc.nat(1000);

export const anySpan: fc.Arbitrary<SpanRecord> = fc.record({
  name: text,
  kind: fc.constantFrom<SpanKind>(
    "internal",
    "server",
    "client",
    "producer",
    "consumer",
  ),
  context,
  parentSpanId: fc.oneof(fc.constant(""), hex(8)),
  parentIsRemote: fc.boolean(),
  start: moment,
  end: moment,
  attributes,
  events: fc.array(fc.record({ name: text, time: moment, attributes })),
  links: fc.array(fc.record({ context, attributes })),
  status: fc.record({
    code: fc.constantFrom<"unset" | "ok" | "error">("unset", "ok", "error"),
    message: text,
  }),
  dropped: fc.record({ attributes: count, events: count, links: count }),
  scope: fc.record({
    name: fc.constantFrom("shop", "db", "müsli"),
    version: fc.constantFrom("", "2"),
  }),
}, { noNullPrototype: true });

/** Returns a span named `span n`, whose id is `n`. */
export function span(n = 1): SpanRecord {
  return {
    name: `span ${n}`,
    kind: "internal",
    context: {
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: n.toString(16).padStart(16, "0"),
      sampled: true,
      traceState: "",
    },
    parentSpanId: "",
    parentIsRemote: false,
    start: 1_700_000_000,
    end: 1_700_000_001,
    attributes: {},
    events: [],
    links: [],
    status: { code: "unset", message: "" },
    dropped: { attributes: 0, events: 0, links: 0 },
    scope: { name: "shop", version: "" },
  };
}

/** A request to a collector, decoded. */
export interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly export: SeenExport;
}

/** Decodes a request as a collector does. */
export async function sentBy(url: string, init: RequestInit): Promise<Sent> {
  const headers = new Headers(init.headers);
  const body = new Response(init.body ?? null).body!;
  const plain = headers.get("content-encoding") === "gzip"
    ? body.pipeThrough(new DecompressionStream("gzip"))
    : body;
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  const seen = readExport(bytes, headers.get("content-type") ?? "");
  return { url, headers, export: seen };
}

/** Returns a `fetch` that responds with `answer`, and a list of its requests. */
export function collecting(
  answer: (sent: Sent, nth: number) => Response | Promise<Response> = () =>
    new Response(),
): { readonly fetch: PostFetch; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (url, init) => {
      const request = await sentBy(url, init);
      sent.push(request);
      return await answer(request, sent.length);
    },
  };
}

/** Returns the names of the spans in requests, in order. */
export function namesOf(sent: readonly Sent[]): string[] {
  return sent.flatMap((request) =>
    request.export.spans.map(({ name }) => name)
  );
}

/** Returns a `fetch` that never answers until its signal aborts. */
export function hanging(timers: PushTimers): PostFetch {
  return (_url, { signal }) =>
    new Promise((_resolve, reject) => {
      timers.hung++;
      signal!.addEventListener("abort", () => {
        timers.hung--;
        reject(signal!.reason);
      }, { once: true });
    });
}

interface Pending {
  readonly at: number;
  readonly seconds: number;
}

/**
 * `FakeTimers` for exporters, whose requests take several turns of the event
 * loop. A pending timer of `timeout` seconds stands for an open request, so no
 * other timer may have that delay.
 */
export class PushTimers implements Timers {
  /** Number of requests that are never answered. */
  hung = 0;
  readonly #timeout: number;
  readonly #timers = new FakeTimers();
  readonly #pending = new Set<Pending>();

  constructor(timeout = 10) {
    this.#timeout = timeout;
  }

  after(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    const pending = { at: this.#now + Math.max(0, seconds), seconds };
    this.#pending.add(pending);
    const cancel = this.#timers.after(seconds, () => {
      this.#pending.delete(pending);
      work();
    }, options);
    return () => {
      this.#pending.delete(pending);
      cancel();
    };
  }

  every(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    let cancel = () => {};
    const next = (): void => {
      cancel = this.after(seconds, () => {
        next();
        work();
      }, options);
    };
    next();
    return () => cancel();
  }

  /** The clock of the timers. */
  get clock(): FakeClock {
    return this.#timers.clock;
  }

  get #now(): number {
    return this.#timers.clock.mono();
  }

  /** Seconds until each pending timer runs, ascending, rounded to nanoseconds. */
  get waits(): number[] {
    return [...this.#pending]
      .map(({ at }) => Math.round((at - this.#now) * 1e9) / 1e9)
      .sort((a, b) => a - b);
  }

  /** Whether a pending timer keeps the process alive. */
  get holds(): boolean {
    return this.#timers.holding > 0;
  }

  /** Advances the time, and waits for the requests that the timers start. */
  async pass(seconds: number): Promise<void> {
    const end = this.#now + seconds;
    for (;;) {
      await this.rest();
      const next = Math.min(...[...this.#pending].map(({ at }) => at));
      if (next > end) break;
      // A rounded sum must not end just before the timer.
      const wait = Math.max(0, next - this.#now);
      this.#timers.advance(wait + Number.EPSILON * this.#now);
    }
    this.#timers.advance(Math.max(0, end - this.#now));
  }

  /** Waits until no request is open except the `hung` ones. */
  async rest(): Promise<void> {
    // Only promises, no timers, run between two requests.
    do await new Promise((resolve) => setTimeout(resolve, 0)); while (
      [...this.#pending].filter(({ seconds }) => seconds === this.#timeout)
        .length > this.hung
    );
  }
}
