/** Contexts in the shape of OpenTelemetry's API. */

/** An OpenTelemetry context: immutable values by key. */
export interface OtelContext {
  /** Returns the value of a key. */
  getValue(key: symbol): unknown;
  /** Returns a copy with another value. */
  setValue(key: symbol, value: unknown): OtelContext;
  /** Returns a copy without a key. */
  deleteValue(key: symbol): OtelContext;
}

/** A context of our context manager. */
export class ContextValues implements OtelContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): OtelContext {
    return new ContextValues(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): OtelContext {
    const rest = new Map(this.#values);
    rest.delete(key);
    return new ContextValues(rest);
  }
}

/** The context without values. */
export const ROOT: OtelContext = /* @__PURE__ */ new ContextValues(
  new Map(),
);
