/**
 * The registry: declares families, and is one source of all of them.
 *
 * - Declaring throws if a name, label or option is wrong; recording never throws
 *   unless the registry is strict.
 * - Declaring the same family twice returns the same family. Declaring it with
 *   other options is a `FamilyConflictError` that names the difference.
 * - It knows no format and no kind: `encode/` reads it as a `Source`, and each
 *   declaration passes its kind. `registry.ts` adds a method for each built-in
 *   kind.
 */
import type { Clock } from "../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  isLabelName,
  isMetricName,
  isUtf8Name,
  ofType,
  oneOf,
  quoted,
  readOptions,
  rule,
  type SchemaOf,
  suggestName,
  text,
} from "../base/internal.ts";
import type { NameRule, Source } from "../model/mod.ts";
import { addSource } from "./added_sources.ts";
import {
  type Declarer,
  defaultDeclarer,
  DEFAULTS,
  rootScope,
  type Settings,
} from "./declarer.ts";
import { type ExemplarSource, samplersOf } from "./exemplars.ts";
import { type DeclarationScope, SCOPE } from "./families.ts";
import { ScopeSource } from "./scope_source.ts";
import { INSPECT } from "./inspect.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  Instrument,
  LabelValue,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import { labelText } from "./label_text.ts";

/** Options of `createRegistry` and `createBareRegistry`. */
export interface RegistryOptions {
  /** Source of the time, for tests. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Whether its own metrics, `barograph_…`, are exposed too. Default: true. */
  readonly selfMetrics?: boolean | undefined;
  /**
   * Whether an observation that is rejected throws instead of only being
   * counted; for tests. Default: false.
   */
  readonly strict?: boolean | undefined;
  /** The rule for names. Default: `classic`. */
  readonly names?: NameRule | undefined;
  /** Source of sampled exemplars: see `followExemplars`. Default: none. */
  readonly exemplars?: ExemplarSource | undefined;
}

const REGISTRY = {
  clock: CLOCK,
  selfMetrics: flag(DEFAULTS.selfMetrics),
  strict: flag(DEFAULTS.strict),
  names: oneOf<NameRule>(["classic", "utf-8"], DEFAULTS.names),
  exemplars: fn<ExemplarSource>('() => ({ trace_id: "4bf92f35…" })'),
} as const satisfies SchemaOf<RegistryOptions>;

/** Options of a scope, which apply to each declaration through it. */
export interface ScopeOptions {
  /** Prefix of every name, with its separator: `shop_`. Default: none. */
  readonly prefix?: string | undefined;
  /**
   * Labels on every series, before its own; one that is undefined is left out.
   * Default: none.
   */
  readonly labels?:
    | Readonly<Record<string, LabelValue | undefined>>
    | undefined;
  /** The rule for names. Default: the rule of the registry. */
  readonly names?: NameRule | undefined;
}

const SCOPED = {
  prefix: text("shop_", ""),
  labels: ofType<NonNullable<ScopeOptions["labels"]>>(
    ["object"],
    'values by name, such as { region: "eu" }',
    {},
  ),
  names: rule<NameRule>(REGISTRY.names.accepts, REGISTRY.names.advice),
} as const satisfies SchemaOf<ScopeOptions>;

/**
 * A registry that imports no kind: each declaration passes its kind.
 *
 * Libraries should accept this type, because every registry has it.
 */
export interface BareRegistry extends Source {
  /**
   * Declares a family of `kind`, or returns it if it is declared already.
   *
   * @throws {TypeError | RangeError} If a name or an option is wrong.
   * @throws {FamilyConflictError} If the family is declared already with other
   *   options, or another family writes one of its names.
   */
  declare<
    S,
    Own,
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    kind: InstrumentKind<S, Own>,
    options: FamilyOptions<N, V> & NoInfer<Own>,
  ): Instrument<N, S, V>;
  /**
   * Returns a scope of this registry: it adds a prefix and constant labels to
   * each declaration. Collecting it collects the whole registry.
   *
   * @throws {TypeError} If an option is wrong.
   */
  scope(options: ScopeOptions): BareRegistry;
  /**
   * Exposes another source too, a collector or a whole registry, until the
   * result is disposed.
   *
   * @throws {FamilyConflictError} If both would write the same name.
   * @throws {TypeError | RangeError} If `source` is no source, is exposed
   *   already, or is a registry that exposes this one.
   */
  add(source: Source): Disposable;
  /**
   * Removes the family of that name, prefix included. Its series still record,
   * but are no longer exposed. Returns whether the family existed.
   */
  unregister(name: string): boolean;
  /** The families and added sources in the order of exposition. */
  readonly parts: Iterable<Source>;
}

/** The class of all registries. */
export class RegistryImpl extends ScopeSource {
  scope(options: ScopeOptions): RegistryImpl {
    return new RegistryImpl(innerScope(this[SCOPE], options));
  }

  add(source: Source): Disposable {
    return addSource(this[SCOPE].families, source);
  }

  unregister(name: string): boolean {
    return this[SCOPE].families.unregister(name);
  }

  /** Returns the text that `console.log` prints. */
  [INSPECT](): string {
    return `registry of ${this.descs.map(({ name }) => name).join(", ")}`;
  }
}

/**
 * Returns the settings that the options `given` make.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function settingsOf(given: RegistryOptions): Settings {
  const read = readOptions("Cannot make a registry", REGISTRY, given);
  return { ...read, exemplars: samplersOf(read.exemplars) };
}

/** Returns the scope within `outer` that has the options `given`. */
export function innerScope(
  outer: DeclarationScope,
  given: ScopeOptions,
): DeclarationScope {
  const action = "Cannot make a scope";
  const options = readOptions(action, SCOPED, given);
  const fixed = new Map(outer.fixed);
  for (const [name, value] of Object.entries(options.labels)) {
    if (value !== undefined) fixed.set(name, labelText(value));
  }
  const names = options.names ?? outer.names;
  const prefix = outer.prefix + options.prefix;
  const isMore = (name: string) => names === "utf-8" && isUtf8Name(name);
  const name = `${prefix}x_total`; // any name that is legal by itself
  if (prefix.includes(":") || !(isMetricName(name) || isMore(name))) {
    throw new RangeError(
      `${action}: with prefix ${quoted(prefix)}, names such as ` +
        `${quoted(name)} are illegal; try ${quoted(suggestName(name))}`,
    );
  }
  for (const label of fixed.keys()) {
    if (isLabelName(label) || isMore(label)) continue;
    throw new RangeError(
      `${action}: label ${quoted(label)} has no legal name; ` +
        `try ${quoted(suggestName(label))}`,
    );
  }
  return { families: outer.families, names, prefix, fixed };
}

/**
 * Creates a registry without methods for kinds. A bundle then contains only the
 * kinds that the program declares.
 *
 * ```ts
 * import { expose, prometheusText } from "@barograph/barograph/encode";
 * import { counter, createBareRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createBareRegistry();
 * const hits = counter({ name: "hits_total", help: "Page views." }, registry);
 * hits.inc();
 * const body: Uint8Array = expose(registry, prometheusText);
 * ```
 *
 * @throws {TypeError} If an option is wrong.
 */
export function createBareRegistry(
  options: RegistryOptions = {},
): BareRegistry {
  return new RegistryImpl(rootScope(settingsOf(options)));
}

const BARE = Symbol.for("barograph.registry.4.bare");

/** Returns the default registry of the process, created at its first use. */
export function defaultBareRegistry(): BareRegistry {
  const declarer: Declarer & { [BARE]?: BareRegistry } = defaultDeclarer();
  return declarer[BARE] ??= new RegistryImpl(declarer[SCOPE]);
}
