/** Sources that are added to a registry, which may be other registries. */
import { display } from "../base/internal.ts";
import type { Source } from "../model/mod.ts";
import { adopt, descsOf, fixedDesc, partsOf } from "../model/internal.ts";
import {
  type DeclarationScope,
  type Families,
  isFamilies,
  SCOPE,
} from "./families.ts";
import { takesOver } from "./takeover.ts";

/** Exposes `source` in a registry too, until the result is disposed. */
export function addSource(families: Families, source: Source): Disposable {
  const nested = familiesOf(source);
  if (nested !== undefined) return nest(families, nested);
  if (!Array.isArray(source?.descs) || typeof source.collect !== "function") {
    throw new TypeError(
      `Cannot add ${display(source)}: give a source, with descs and ` +
        `collect(sink)`,
    );
  }
  const { sources, added, outdated } = families;
  if (sources.has(source)) {
    throw new TypeError("Cannot add a source twice: it is in the registry");
  }
  // Fixed from now on: what the source changes later is not reserved.
  const descs = source.descs.map(fixedDesc);
  const replaced = [...added].filter(([earlier]) => takesOver(source, earlier));
  // Before anything is removed.
  families.check(descs, replaced.flatMap(([, earlier]) => earlier.descs));
  for (const [earlier] of replaced) families.drop(earlier);
  families.reserve(descs);
  sources.add(source);
  const own = new Set(descs);
  const release = adopt(source, {
    descs: new Map(descs.map((desc) => [desc.name, desc])),
    check: (desc) => {
      for (const above of families.above()) above.names.check(desc, own);
    },
  });
  const remove = once(() => {
    release();
    added.delete(source);
    outdated.delete(source);
    sources.delete(source);
    families.release(descs);
  });
  added.set(source, { descs, remove });
  return remove;
}

/** Returns the families of `source`; undefined if it is no registry. */
function familiesOf(source: unknown): Families | undefined {
  const scope = (source as { readonly [SCOPE]?: DeclarationScope } | null)
    ?.[SCOPE];
  return scope?.families;
}

function nest(outer: Families, nested: Families): Disposable {
  const below = nested.below();
  if (below.includes(outer)) {
    throw new RangeError(
      "Cannot add a registry to itself, or to one that was added to it",
    );
  }
  const isExposed = (registry: Families): boolean =>
    registry.below().some((families) => below.includes(families));
  if (outer.above().some(isExposed)) {
    throw new TypeError(
      "Cannot add a registry twice: it, or one that was added to it, is " +
        "exposed already",
    );
  }
  outer.reserve(nested.descs());
  outer.sources.add(nested);
  nested.parents.add(outer);
  nested.selfMetrics.parents.add(outer.selfMetrics);
  return once(() => {
    outer.sources.delete(nested);
    nested.parents.delete(outer);
    nested.selfMetrics.parents.delete(outer.selfMetrics);
    outer.release(nested.descs());
  });
}

/**
 * Returns the parts of an exposition in order: `target_info` first,
 * self-metrics last.
 */
export function partsIn(families: Families): readonly Source[] {
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

/** Returns a disposable that calls `dispose` at most once. */
export function once(dispose: () => void): Disposable {
  let isDisposed = false;
  return {
    [Symbol.dispose](): void {
      if (!isDisposed) dispose();
      isDisposed = true;
    },
  };
}
