/** A span that is not recorded: it does nothing but propagate. */
import type { Span, Tracer } from "./api.ts";
import type { SpanContext } from "./record.ts";
import type { TracerInternals } from "./span.ts";

/**
 * An unrecorded span: ids only, generated when they are read. It is its own
 * `SpanContext`, to save an object per request.
 *
 * It keeps no ancestor alive but the root.
 */
export class UnrecordedSpan implements Span, SpanContext {
  readonly root: Span;
  readonly context: SpanContext;
  readonly propagates: boolean;
  readonly random: boolean | undefined;
  readonly traceState: string;
  readonly #internals: TracerInternals;
  /** Undefined until it is generated, here or by the root. */
  #traceId: string | undefined;
  #spanId: string | undefined;

  /**
   * Without listeners, the context of the parent is passed on unchanged, and
   * without a parent nothing is propagated. `traceId` is undefined if it has not
   * been generated.
   */
  constructor(
    internals: TracerInternals,
    parent: SpanContext | undefined,
    localParent: Span | undefined,
    traceId: string | undefined,
    nobodyListens: boolean,
  ) {
    this.#internals = internals;
    this.#traceId = traceId;
    this.root = localParent?.root ?? this;
    this.propagates = !nobodyListens || parent !== undefined;
    this.context = nobodyListens && parent !== undefined ? parent : this;
    this.random = parent?.random;
    this.traceState = parent?.traceState ?? "";
    if (localParent instanceof UnrecordedSpan) {
      this.#traceId ??= localParent.#traceId;
    } else if (parent !== undefined) this.#traceId ??= parent.traceId;
  }

  get recording(): boolean {
    return false;
  }

  get sampled(): boolean {
    return false;
  }

  get tracer(): Tracer {
    return this.#internals.tracer;
  }

  get traceId(): string {
    return this.#traceId ??= this.root === this
      ? this.#internals.ids.traceId()
      : this.root.context.traceId;
  }

  get spanId(): string {
    return this.#spanId ??= this.#internals.ids.spanId();
  }

  attribute(): undefined {}

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  recordException(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  [Symbol.dispose](): void {}
}
