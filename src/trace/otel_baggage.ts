/** Adapter that gives our baggage the shape of OpenTelemetry's API, and back. */
import { callSafely } from "../base/internal.ts";
import { type Baggage, type BaggageEntry, NO_BAGGAGE } from "./baggage.ts";

/** An entry of baggage in OpenTelemetry's API. */
export interface OtelBaggageEntry {
  /** The decoded value. */
  readonly value: string;
  /** Properties after the value, without the leading `;`. */
  readonly metadata?: { toString(): string } | undefined;
}

/** Baggage in OpenTelemetry's API: immutable. */
export interface OtelBaggage {
  /** Returns an entry. */
  getEntry(name: string): OtelBaggageEntry | undefined;
  /** Returns all entries. */
  getAllEntries(): [string, OtelBaggageEntry][];
  /** Returns a copy with another entry. */
  setEntry(name: string, entry: OtelBaggageEntry): OtelBaggage;
  /** Returns a copy without an entry. */
  removeEntry(name: string): OtelBaggage;
  /** Returns a copy without some entries. */
  removeEntries(...names: string[]): OtelBaggage;
  /** Returns empty baggage. */
  clear(): OtelBaggage;
}

/** Baggage that has been converted; both sides are immutable. */
const adapters = new WeakMap<Baggage, OtelBaggage>();
const originals = new WeakMap<object, Baggage>();

/** Returns the adapter of baggage; the same object each time. */
export function otelBaggage(baggage: Baggage): OtelBaggage {
  let adapter = adapters.get(baggage);
  if (adapter === undefined) {
    adapter = new BaggageAdapter(baggage);
    adapters.set(baggage, adapter);
    originals.set(adapter, baggage);
  }
  return adapter;
}

/** Returns the entries of the API's baggage. Never throws. */
export function fromOtelBaggage(value: unknown): Baggage {
  if (typeof value !== "object" || value === null) return NO_BAGGAGE;
  let baggage = originals.get(value);
  if (baggage === undefined) {
    baggage = converted(value as OtelBaggage);
    originals.set(value, baggage);
  }
  return baggage;
}

function converted(value: OtelBaggage): Baggage {
  const entries = new Map<string, BaggageEntry>();
  try {
    for (const [name, entry] of value.getAllEntries()) {
      if (typeof name !== "string" || typeof entry.value !== "string") continue;
      entries.set(name, fromOtelEntry(entry));
    }
  } catch {
    // a bug of another library must not fail the work
  }
  return entries.size === 0 ? NO_BAGGAGE : entries;
}

function fromOtelEntry({ value, metadata }: OtelBaggageEntry): BaggageEntry {
  const properties = String(metadata ?? "");
  return properties === ""
    ? { value }
    : { value, properties: `;${properties}` };
}

class BaggageAdapter implements OtelBaggage {
  readonly #entries: Baggage;

  constructor(entries: Baggage) {
    this.#entries = entries;
  }

  getEntry(name: string): OtelBaggageEntry | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined ? undefined : toOtelEntry(entry);
  }

  getAllEntries(): [string, OtelBaggageEntry][] {
    return Array.from(
      this.#entries,
      ([name, entry]) => [name, toOtelEntry(entry)],
    );
  }

  setEntry(name: string, entry: OtelBaggageEntry): OtelBaggage {
    const added = callSafely(fromOtelEntry, entry);
    return added === undefined
      ? this
      : otelBaggage(new Map(this.#entries).set(name, added));
  }

  removeEntry(name: string): OtelBaggage {
    return this.removeEntries(name);
  }

  removeEntries(...names: string[]): OtelBaggage {
    const rest = new Map(this.#entries);
    for (const name of names) rest.delete(name);
    return otelBaggage(rest);
  }

  clear(): OtelBaggage {
    return otelBaggage(NO_BAGGAGE);
  }
}

function toOtelEntry(
  { value, properties = "" }: BaggageEntry,
): OtelBaggageEntry {
  if (properties === "") return { value };
  return { value, metadata: { toString: () => properties.slice(1) } };
}
