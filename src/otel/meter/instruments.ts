/**
 * The instruments that record at once. The arguments of callers are checked
 * here, and nothing ever throws: an illegal value is dropped and counted as
 * rejected.
 */
import { warn } from "../../base/internal.ts";
import { counterFault, type OpenFamily } from "../../metrics/internal.ts";
import type { Counter, Gauge, Histogram, Series } from "../../metrics/mod.ts";
import type { OtelAttributes, OtelCounter, OtelRecorder } from "./api.ts";
import type { AttributeSets } from "./attribute_sets.ts";
import type { ContextExemplars } from "./exemplars.ts";

/** The parts of an instrument. */
export interface InstrumentParts<S extends Series> {
  readonly name: string;
  readonly family: OpenFamily<S>;
  readonly sets: AttributeSets<S>;
  readonly exemplars: ContextExemplars;
  /** Whether the instrument takes whole numbers only. */
  readonly isWhole: boolean;
}

/** The common part of all instruments that record at once. */
abstract class Recording<S extends Series> {
  readonly #name: string;
  readonly #family: OpenFamily<S>;
  readonly #isWhole: boolean;
  protected readonly sets: AttributeSets<S>;
  readonly #exemplars: ContextExemplars;
  #hasWarned = false;

  constructor(parts: InstrumentParts<S>) {
    this.#name = parts.name;
    this.#family = parts.family;
    this.#isWhole = parts.isWhole;
    this.sets = parts.sets;
    this.#exemplars = parts.exemplars;
  }

  /** Records a legal value. */
  protected abstract apply(
    value: number,
    attributes: OtelAttributes | undefined,
  ): void;

  protected take(
    value: number,
    attributes: OtelAttributes | undefined,
    context: unknown,
  ): void {
    try {
      const legal = this.#isWhole ? this.#truncated(value) : value;
      if (context === undefined && !this.sets.isSelective) {
        return this.apply(legal, attributes);
      }
      this.#exemplars.given = context;
      this.#exemplars.leftOut = this.sets.isSelective
        ? () => this.sets.leftOut(attributes)
        : undefined;
      this.apply(legal, attributes);
    } catch {
      // A strict registry throws when it counts; attributes can throw, too.
    } finally {
      this.#exemplars.given = undefined;
      this.#exemplars.leftOut = undefined;
    }
  }

  protected reject(
    reason: Parameters<OpenFamily["table"]["reject"]>[0],
    value: unknown,
  ): void {
    this.#family.table.reject(reason, value);
  }

  #truncated(value: number): number {
    if (typeof value !== "number" || Number.isInteger(value)) return value;
    if (!Number.isFinite(value)) return value;
    if (!this.#hasWarned) {
      warn(
        `instrument "${this.#name}" takes whole numbers: ${value} and others ` +
          `are truncated`,
      );
      this.#hasWarned = true;
    }
    return Math.trunc(value);
  }
}

/** A counter. */
export class CounterInstrument extends Recording<Series & Counter>
  implements OtelCounter {
  add(value: number, attributes?: OtelAttributes, context?: unknown): void {
    this.take(value, attributes, context);
  }

  protected apply(value: number, attributes: OtelAttributes | undefined): void {
    if (typeof value === "number" && value >= 0 && value < Infinity) {
      this.sets.find(attributes).inc(value);
    } else this.reject(counterFault(value)!, value);
  }
}

/** An up-down counter: a gauge that adds. */
export class UpDownCounterInstrument extends Recording<Series & Gauge>
  implements OtelCounter {
  add(value: number, attributes?: OtelAttributes, context?: unknown): void {
    this.take(value, attributes, context);
  }

  protected apply(value: number, attributes: OtelAttributes | undefined): void {
    if (Number.isFinite(value)) this.sets.find(attributes).inc(value);
    else if (Math.abs(value) === Infinity) this.reject("infinite", value);
    else this.reject("not_a_number", value);
  }
}

/** A gauge. */
export class GaugeInstrument extends Recording<Series & Gauge>
  implements OtelRecorder {
  record(
    value: number,
    attributes?: OtelAttributes,
    context?: unknown,
  ): void {
    this.take(value, attributes, context);
  }

  protected apply(value: number, attributes: OtelAttributes | undefined): void {
    if (typeof value === "number") this.sets.find(attributes).set(value);
    else this.reject("not_a_number", value);
  }
}

/** A histogram. */
export class HistogramInstrument extends Recording<Series & Histogram>
  implements OtelRecorder {
  record(
    value: number,
    attributes?: OtelAttributes,
    context?: unknown,
  ): void {
    this.take(value, attributes, context);
  }

  protected apply(value: number, attributes: OtelAttributes | undefined): void {
    if (typeof value === "number" && value >= 0) {
      this.sets.find(attributes).observe(value);
    } else this.reject(value < 0 ? "negative" : "not_a_number", value);
  }
}

/** The instrument that does nothing: all kinds at once. */
export const NO_INSTRUMENT: OtelCounter & OtelRecorder & {
  addCallback(): void;
  removeCallback(): void;
} = {
  add() {},
  record() {},
  addCallback() {},
  removeCallback() {},
};
