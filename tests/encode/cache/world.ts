/** A registry with families of every type, and random steps that change it. */
import assert from "node:assert/strict";
import {
  allFormats,
  expose,
  type ExposeOptions,
  type Format,
  type Page,
} from "../../../src/encode/mod.ts";
import { ExpositionCache, type PageSizes } from "../../../src/encode/mod.ts";
import { TextCache } from "../../../src/encode/cache/text_cache.ts";
import { concatBytes } from "../../../src/base/internal.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { familyDesc, Labels, type Source } from "../../../src/model/mod.ts";
import { FakeClock } from "../../../src/testing/mod.ts";

/** All formats, with `_created` samples, and with another escaping. */
export const FORMATS: readonly Format[] = [
  ...allFormats({ created: false }),
  ...allFormats({ created: true }).filter(({ id }) => id.startsWith("openm")),
  ...allFormats({ created: false }).map((format) => format.escapedBy("values")),
];

import type { Step, Way } from "./steps.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ENCODER = new TextEncoder();

/** Owned bytes, and a copy made when they were handed out. */
interface OwnedBytes {
  readonly bytes: Bytes;
  readonly copy: Bytes;
}

/** A registry, and two caches per format. */
export class World {
  readonly pages: OwnedBytes[] = [];
  readonly #clock = new FakeClock();
  readonly #focus: readonly number[];
  readonly #formats: readonly Format[];
  readonly #cache: readonly ExpositionCache[];
  /** By format; undefined if it is binary. */
  readonly #texts: readonly (TextCache | undefined)[];
  readonly #registry = createRegistry({
    clock: this.#clock,
    selfMetrics: false,
  });
  #broken: "not" | "throws" | "clashes" = "not";
  #callbackValue = 0;
  #reading: Generator<readonly Bytes[], void> | undefined;
  /** By borrowed page: its last bytes and revision. */
  readonly #last = new WeakMap<Page, Page>();
  #extra: Disposable | undefined;

  readonly #counter = this.#registry.counter({
    name: "x_total",
    help: "X.\n\\",
    labels: ["a", "b"],
    expireAfter: 10,
    maxSeries: 60,
  });
  readonly #gauge = this.#registry.gauge({
    name: "g",
    help: "G.",
    labels: ["a"],
  });
  readonly #bare = this.#registry.gauge({ name: "bare", help: "No labels." });
  readonly #histogram = this.#registry.histogram({
    name: "h_seconds",
    help: "H.",
    unit: "seconds",
    labels: ["a"],
    buckets: [-1, 0.5, 100],
  });
  readonly #positive = this.#registry.histogram({
    name: "p",
    help: "P.",
    labels: ["a"],
    buckets: [1, 10],
    expireAfter: 20,
  });
  readonly #native = this.#registry.histogram({
    name: "n",
    help: "N.",
    labels: ["a"],
    native: true,
  });
  readonly #summary = this.#registry.summary({
    name: "s",
    help: "S.",
    labels: ["a"],
  });
  readonly #quantiles = this.#registry.summary({
    name: "q",
    help: "Q.",
    quantiles: [0.5, 0.9],
  });
  readonly #info = this.#registry.info({
    name: "i_info",
    help: "I.",
    labels: ["a"],
  });
  readonly #states = this.#registry.stateSet({
    name: "st",
    help: "St.",
    labels: ["a"],
    states: ["on", "off"],
  });

  /**
   * `focus` are the two families that most steps change, `left` is the budget in
   * bytes.
   */
  constructor(
    formats: readonly Format[],
    focus: readonly number[],
    left: number,
    sizes: PageSizes,
  ) {
    this.#focus = focus;
    const budget = { left };
    this.#formats = formats;
    this.#cache = formats.map((format) =>
      new ExpositionCache(format, budget, sizes)
    );
    this.#texts = formats.map(({ textEncoder }) =>
      textEncoder && new TextCache(textEncoder, budget)
    );
    this.#registry.callbackGauge({
      name: "callback",
      help: "Read by a callback.",
      read: () => this.#callbackValue,
    });
  }

  /** The parts of the registry, and one that sometimes fails. */
  get source(): Source {
    const desc = familyDesc({ name: "broken", type: "gauge", help: "B." });
    const broken: Source = {
      descs: [desc],
      collect: (sink) => {
        if (sink.family(desc)) sink.number(Labels.NONE, 1, 0);
        if (this.#broken === "throws") throw new Error("broken");
        if (this.#broken === "clashes") {
          sink.family(familyDesc({ name: "g", type: "gauge", help: "B." }));
        }
      },
    };
    return {
      descs: [],
      parts: [broken, ...this.#registry.parts],
      collect() {},
    };
  }

  take(
    step: Step,
  ): { readonly cached: Bytes; readonly fresh: Bytes } | undefined {
    if (step.do === "record") this.#record(step.at, step.value);
    else if (step.do === "exemplar") this.#exemplify(step.at, step.value);
    else if (step.do === "many") {
      for (let i = 0; i < step.count; i++) {
        this.#record((step.from + i) % 80, i, i % 7);
      }
    } else if (step.do === "wave") {
      step.values.forEach((value, i) => {
        if (value !== null) {
          this.#record(i * 3 + 1, value, this.#focus[step.family]);
        }
      });
    } else if (step.do === "scrape") {
      return this.#scrape(step);
    } else if (step.do === "remove") this.#remove(step.at);
    else if (step.do === "clear") this.#gauge.clear();
    else if (step.do === "fail") {
      const next = {
        not: "throws",
        throws: "clashes",
        clashes: "not",
      } as const;
      this.#broken = next[this.#broken];
    } else if (step.do === "family") this.#addOrRemove();
    else if (step.do === "pass") this.#clock.advance(step.seconds);
    else if (step.do === "begin") {
      this.#reading = this.#copies(
        step.format,
        this.#options(false),
        step.way,
      );
    } else if (step.do === "read") {
      for (let i = 0; i < step.steps; i++) this.#reading?.next();
    }
    return undefined;
  }

  #record(at: number, value: number, only = at % 8): void {
    const a = `${at % 3 === 0 ? 'ü"\n\\' : "a"}${at}`;
    const record = [
      () => this.#counter.with({ a, b: at % 5 }).inc(value),
      () => {
        const gauge = this.#gauge.with({ a });
        if (at % 2 === 0) gauge.set(value);
        else gauge.inc(value);
      },
      () => this.#histogram.with({ a }).observe(value),
      () => this.#positive.with({ a }).observe(value),
      () => this.#native.with({ a: at % 4 }).observe(value),
      () => this.#summary.with({ a }).observe(value),
      () => {
        const states = this.#states.with({ a });
        if (at % 2 === 0) states.toggle("on", value > 10);
        else states.set(value > 10 ? "on" : undefined);
      },
      () => {
        this.#bare.set(value);
        this.#quantiles.observe(value);
        this.#info.add({ a });
        this.#callbackValue = value;
      },
    ];
    record[only]!();
  }

  #exemplify(at: number, value: number): void {
    const exemplar = { trace_id: `t${at}` };
    if (at % 2 === 0) {
      this.#counter.with({ a: `a${at}`, b: at % 5 }).inc(value, exemplar);
    } else {
      this.#histogram.with({ a: `a${at}` }).observe(value, 1, exemplar);
    }
  }

  #remove(at: number): void {
    this.#counter.remove({ b: at % 5 });
    this.#gauge.remove({ a: `a${at}` });
    this.#histogram.remove({ a: `a${at}` });
    this.#info.remove({ a: `a${at}` });
  }

  #addOrRemove(): void {
    if (this.#extra !== undefined) {
      this.#extra[Symbol.dispose]();
      this.#extra = undefined;
      return;
    }
    const other = createRegistry({ clock: this.#clock, selfMetrics: false });
    other.gauge({ name: "extra", help: "E." }).set(1);
    this.#extra = this.#registry.add(other);
  }

  #options(only: boolean) {
    const selected = ["x_total", "h_seconds", "callback", "n"];
    return {
      observer: { failed() {} },
      ...(only && {
        only: ({ name }: { name: string }) => selected.includes(name),
      }),
    };
  }

  #scrape(
    { format, only, way }: {
      readonly format: number;
      readonly only: boolean;
      readonly way: Way;
    },
  ) {
    const options = this.#options(only);
    const pages = [...this.#copies(format, options, way)].flat();
    const fresh = expose(this.source, this.#formats[format]!, options);
    return { cached: concatBytes(pages), fresh };
  }

  /** Yields copies of the pages or texts, made when they are handed out. */
  *#copies(
    format: number,
    options: ExposeOptions,
    way: Way,
  ): Generator<readonly Bytes[], void> {
    const cache = this.#cache[format]!;
    const texts = this.#texts[format];
    if (way === "text" && texts !== undefined) {
      for (const step of texts.texts(this.source, options)) {
        yield step.map((text) => ENCODER.encode(text));
      }
      return;
    }
    const steps = way === "borrowed"
      ? cache.borrowed(this.source, options)
      : cache.owned(this.source, options);
    for (const step of steps) {
      yield step.map((page) =>
        page instanceof Uint8Array ? this.#own(page) : this.#borrowed(page)
      );
    }
  }

  #own(bytes: Bytes): Bytes {
    const copy = bytes.slice();
    this.pages.push({ bytes, copy });
    return copy;
  }

  /** Copies a borrowed page; an equal revision means equal bytes. */
  #borrowed(page: Page): Bytes {
    const { bytes, revision } = page;
    const copy = bytes.slice();
    const before = this.#last.get(page);
    if (before?.revision === revision) {
      assert.equal(Buffer.compare(before.bytes, copy), 0, "no new revision");
    }
    this.#last.set(page, { revision, bytes: copy });
    return copy;
  }
}
