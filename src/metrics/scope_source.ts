/**
 * A registry as a source: the part of it that endpoints use of the default
 * registry. Bundlers leave out the rest.
 */
import type { FamilyDesc, ScrapeObserver, Sink, Source } from "../model/mod.ts";
import {
  collectUnchecked,
  descsOf,
  FLEET,
  type Joining,
  nameOf,
  OBSERVER,
  partsOf,
  refreshParts,
  trustParts,
} from "../model/internal.ts";
import { Declarer, defaultDeclarer, DEFAULTS, rootScope } from "./declarer.ts";
import {
  type DeclarationScope,
  type Families,
  isFamilies,
  SCOPE,
} from "./families.ts";

/** Declares in a scope, and is one source of all families of its registry. */
export class ScopeSource extends Declarer implements Source {
  constructor(scope: DeclarationScope) {
    super(scope);
    trustParts(this);
  }

  get descs(): readonly FamilyDesc[] {
    return this.parts.flatMap(descsOf);
  }

  get parts(): readonly Source[] {
    return partsIn(this[SCOPE].families);
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await refreshParts(this, signal);
  }

  collect(sink: Sink): void {
    for (const part of this.parts) collectUnchecked(part, sink);
  }

  get [FLEET](): Joining {
    return this[SCOPE].families.fleet;
  }

  get [OBSERVER](): ScrapeObserver {
    const { selfMetrics } = this[SCOPE].families;
    return {
      failed: (part) => selfMetrics.report("failures", nameOf(part)),
      scraped: (report) => selfMetrics.scraped(report),
    };
  }
}

/** Returns a registry, as a source, that has only its self-metrics. */
export function emptySource(): ScopeSource {
  return new ScopeSource(rootScope(DEFAULTS));
}

const SOURCE = Symbol.for("barograph.registry.4.source");

/** Returns the default registry of the process as a source. */
export function defaultSource(): ScopeSource {
  const declarer: Declarer & { [SOURCE]?: ScopeSource } = defaultDeclarer();
  return declarer[SOURCE] ??= new ScopeSource(declarer[SCOPE]);
}

/**
 * Returns the parts of an exposition in order: `target_info` first,
 * self-metrics last.
 */
function partsIn(families: Families): readonly Source[] {
  const parts: Source[] = [];
  const stack = [...families.sources].reverse(); // the first on top
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (isFamilies(next)) stack.push(...[...next.sources].reverse());
    else for (const part of partsOf(next)) parts.push(part);
  }
  for (let at = 0; at < parts.length; at++) {
    if (descsOf(parts[at]!)[0]?.name !== "target_info") continue;
    if (at > 0) parts.unshift(...parts.splice(at, 1));
    break;
  }
  if (families.exposesSelfMetrics) parts.push(...families.selfMetrics.tables);
  return parts;
}
