/**
 * A shop whose time a test advances: a quarter of an hour of requests, traces and
 * events takes a moment, and two runs are equal to the byte.
 */
import { exposeBus } from "../../../src/bridge/mod.ts";
import type { Bus } from "../../../src/bus/mod.ts";
import { createBus } from "../../../src/bus/mod.ts";
import { type Dashboard, dashboard } from "../../../src/dashboard/mod.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import {
  declareFamilies,
  EVIL,
  type FamilyOptions,
  type Route,
  ROUTES,
  THINGS,
} from "./shop_families.ts";
import { FakeClock, FakeTimers } from "../../../src/testing/mod.ts";
import {
  createTracer,
  type Span,
  type Tracer,
} from "../../../src/trace/mod.ts";

/** The key of the page. */
export const KEY = "key-for-tests-only";

/** When the shop opens: 14:00 UTC. */
const OPENING = Date.UTC(2026, 10, 28, 14) / 1000;

/** Traces of each route in a second that make 500 spans of all routes. */
const BUSY_TRACES = 30;

/** Attributes of the spans of calls to payments. */
const PAYMENTS = {
  "http.request.method": "POST",
} as const;

interface Topics {
  readonly "request.end": {
    readonly traceId: string;
    readonly spanId: string;
    readonly endpoint: string;
    readonly status: number;
    readonly durationMs: number;
    readonly error?: string;
  };
  readonly "order.accepted": {
    readonly traceId: string;
    readonly order: number;
  };
}

/** Options of a shop. */
export interface ShopOptions extends FamilyOptions {
  /** Whether it has about 500 spans a second, and searches for all terms. */
  readonly isBusy?: boolean;
}

/** The shop. */
export class ShopWorld implements Disposable {
  readonly clock: FakeClock = new FakeClock(OPENING);
  readonly timers: FakeTimers = new FakeTimers(this.clock);
  readonly registry: Registry;
  readonly tracer: Tracer;
  readonly bus: Bus<Topics>;
  readonly page: Dashboard;
  /** Unix time from which on payments fail. */
  failsFrom = Infinity;
  /** Orders that were accepted. */
  orders = 0;

  #seed = 7;
  #seconds = 0;
  readonly #options: ShopOptions;
  readonly #families: ReturnType<typeof declareFamilies>;

  constructor(options: ShopOptions = {}) {
    const { clock, timers } = this;
    this.#options = options;
    this.registry = createRegistry({ clock });
    this.tracer = createTracer({
      name: "shop",
      clock,
      random: (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random() * 256;
      },
    });
    this.bus = createBus<Topics>({ clock });
    exposeBus(this.registry, this.bus);
    this.#families = declareFamilies(this.registry, options);
    this.#families.build.set({ version: "0.4.2", commit: "9f3e1ab" });
    this.page = dashboard("/_barograph", {
      key: KEY,
      print: false,
      service: options.isEvil ? EVIL : "shop",
      version: "0.4.2",
      registry: this.registry,
      tracer: this.tracer,
      bus: this.bus,
      checks: { database: () => true, payments: () => this.#pays() },
      clock,
      timers,
    });
  }

  /** Answers requests for the page. */
  get handler(): (request: Request) => Promise<Response> {
    return this.page.handler;
  }

  get #error(): string {
    return this.#options.isEvil ? EVIL : "no answer within 500 ms";
  }

  #pays(): boolean {
    return this.clock.unix() < this.failsFrom;
  }

  /** A number from 0 to 1, the same in every run. */
  #random(): number {
    this.#seed = (this.#seed * 1664525 + 1013904223) % 2 ** 32;
    return this.#seed / 2 ** 32;
  }

  /** A factor with a median of 1. */
  #spread(): number {
    return Math.exp(
      (this.#random() + this.#random() + this.#random() - 1.5) * 1.1,
    );
  }

  /** Searches are slow in waves. */
  #load({ route }: Route): number {
    if (route !== "/search") return 1;
    return 1 + 1.5 * Math.max(0, Math.sin(this.#seconds / 28)) ** 2;
  }

  #count(rate: number): number {
    return Math.floor(rate * (0.7 + 0.6 * this.#random()) + this.#random());
  }

  /** Lets seconds pass, with all that happens in the shop. */
  async run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.#second();
      this.timers.advance(1);
      // Samplers work in slices, which need turns of the event loop.
      if (i % 10 === 0) await new Promise((done) => setTimeout(done, 0));
    }
    await new Promise((done) => setTimeout(done, 0));
  }

  #second(): void {
    this.#seconds++;
    const tide = 1 + 0.2 * Math.sin(this.#seconds / 110);
    for (const route of ROUTES) {
      const count = this.#count(route.rate * tide);
      const traced = this.#options.isBusy ? BUSY_TRACES : 1;
      for (let i = 0; i < count; i++) this.#request(route, i === 0);
      for (let i = 1; i < traced; i++) this.#request(route, true);
    }
    const wave = Math.sin(this.#seconds / 40);
    const { carts, cpu, door, drift, inFlight, lookups, loop, memory } =
      this.#families;
    drift.set(8 * Math.sin(this.#seconds / 90) - 2);
    for (const warehouse of ["north", "south"]) {
      lookups.with({ warehouse }).observe(0.004 * this.#spread());
    }
    for (let i = 0; i < 10; i++) loop.observe(0.004 * this.#spread());
    carts.set(Math.round(40 + 12 * wave));
    inFlight.set(this.#count(5));
    memory.set(96e6 + 4e6 * wave);
    cpu.with({ mode: "user" }).inc(0.12 + 0.03 * this.#random());
    cpu.with({ mode: "system" }).inc(0.03);
    door.set(this.#seconds % 300 < 40 ? "closed" : "open");
    this.#search();
  }

  #search(): void {
    const { searches } = this.#families;
    const terms = this.#options.terms ?? 120;
    const count = this.#options.isBusy ? terms : this.#count(4);
    for (let i = 0; i < count; i++) {
      // Few terms are searched for often, most of them once.
      const number = this.#options.isBusy
        ? i
        : Math.floor(terms * 1.2 * this.#random() ** 3);
      const term = this.#options.isEvil
        ? `${EVIL} ${number}`
        : `${THINGS[number % THINGS.length]} ${number}`;
      searches.with({ term, found: number % 4 === 0 ? "no" : "yes" }).inc();
    }
  }

  #request(route: Route, isTraced: boolean): void {
    const pays = this.#pays() || !route.route.startsWith("/orders");
    const fails = !pays && this.#random() < 0.3;
    const seconds = fails
      ? 1.5 + 0.1 * this.#random()
      : route.median * this.#spread() * this.#load(route);
    const { calls, durations, orders, requests, values } = this.#families;
    const { method } = route;
    const name = this.#options.isEvil ? `${route.route}${EVIL}` : route.route;
    const status = fails ? "5xx" : this.#random() < 0.004 ? "4xx" : "2xx";
    durations.with({ method, route: name, status_class: status }).observe(
      seconds,
    );
    requests.with({ method, route: name, status_class: status }).inc();
    if (route.route.startsWith("/orders")) {
      calls.with({
        method: "POST",
        peer: "payments",
        outcome: fails ? "error" : "2xx",
      }).observe(seconds * 0.3);
    }
    if (isTraced || fails) this.#trace(route, name, seconds, fails);
    if (!route.route.startsWith("/orders") || fails) return;
    const payment = this.#random() < 0.7 ? "card" : "invoice";
    orders.with({ payment }).inc();
    values.with({ payment }).observe(40 * this.#spread());
    this.orders++;
  }

  #trace(route: Route, name: string, seconds: number, fails: boolean): void {
    const { tracer } = this;
    const start = this.clock.unix() - seconds;
    const root = tracer.start(`${route.method} ${name}`, {
      kind: "server",
      parent: null,
      start,
      attributes: {
        "http.request.method": route.method,
        "http.route": name,
        "http.response.status_code": fails ? 504 : 200,
        "url.path": route.route.replace(/:\w+/, "42"),
      },
    });
    const spans: Span[] = [];
    for (const { name, from, within } of route.spans) {
      const calls = name === "POST payments";
      const parent = within === undefined ? root : spans[within]!;
      const span = tracer.start(this.#options.isEvil ? EVIL : name, {
        parent,
        start: start + from * seconds,
        kind: calls ? "client" : "internal",
        ...calls ? { attributes: PAYMENTS } : {},
      });
      if (fails && (calls || within !== undefined)) this.#fail(span);
      spans.push(span);
    }
    route.spans.forEach(({ to }, i) => spans[i]!.end(start + to * seconds));
    if (fails) root.setStatus("error", this.#error);
    root.end(start + seconds);
    const { spanId, traceId } = root.context;
    this.bus.publish("request.end", {
      traceId,
      spanId,
      endpoint: `${route.method} ${name}`,
      status: fails ? 504 : 200,
      durationMs: seconds * 1000,
      ...fails ? { error: this.#error } : {},
    });
    if (route.route.startsWith("/orders") && !fails) {
      this.bus.publish("order.accepted", {
        traceId: root.context.traceId,
        order: this.orders,
      });
    }
  }

  #fail(span: Span): void {
    span.recordException(new Error(this.#error));
    span.setStatus("error", this.#error);
  }

  [Symbol.dispose](): void {
    this.page[Symbol.dispose]();
  }
}
