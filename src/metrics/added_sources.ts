/** Sources that are added to a registry, which may be other registries. */
import { display } from "../base/internal.ts";
import type { FamilyDesc, Source } from "../model/mod.ts";
import {
  adopt,
  fixedDesc,
  YIELD,
  type YieldingSource,
} from "../model/internal.ts";
import { scopeIn } from "./declarer.ts";
import type { Families } from "./families.ts";
import { once } from "./once.ts";
import { takesOver } from "./takeover.ts";

/** Exposes `source` in a registry too, until the result is disposed. */
export function addSource(families: Families, source: Source): Disposable {
  const nested = scopeIn(source)?.families;
  if (nested !== undefined) return nest(families, nested);
  if (!Array.isArray(source?.descs) || typeof source.collect !== "function") {
    throw new TypeError(
      `Cannot add ${display(source)}: give a source, with descs and ` +
        `collect(sink)`,
    );
  }
  const { sources, added, outdated } = families;
  // A module that a reload evaluated again may add what it has kept.
  if (outdated.has(source)) added.get(source)?.remove[Symbol.dispose]();
  if (sources.has(source)) {
    throw new TypeError("Cannot add a source twice: it is in the registry");
  }
  if (yields(source)) {
    for (const name of refused(families, source.descs)) source[YIELD](name);
  }
  // Fixed from now on: what the source changes later is not reserved.
  const descs = source.descs.map(fixedDesc);
  const replaced = [...added].filter(([earlier]) => takesOver(source, earlier));
  // Before anything is removed.
  families.check(
    descs,
    replaced.flatMap(([, earlier]) => [...earlier.byName.values()]),
  );
  for (const [earlier] of replaced) families.drop(earlier);
  families.reserve(descs);
  sources.add(source);
  const own = new Set(descs);
  const byName = new Map(descs.map((desc) => [desc.name, desc]));
  const release = adopt(source, {
    descs: byName,
    check: (desc) => {
      for (const above of families.above()) above.claim(desc, own);
    },
  });
  const remove = once(() => {
    release();
    added.delete(source);
    outdated.delete(source);
    sources.delete(source);
    families.release([...byName.values()]);
  });
  const giveUp = (name: string): boolean => {
    const desc = byName.get(name);
    if (desc === undefined || !yields(source)) return false;
    byName.delete(name);
    families.release([desc]);
    source[YIELD](name);
    return true;
  };
  added.set(source, { byName, giveUp, remove });
  return remove;
}

function nest(outer: Families, nested: Families): Disposable {
  const below = nested.below();
  if (below.includes(outer)) {
    throw new RangeError(
      "Cannot add a registry to itself, or to one that was added to it",
    );
  }
  // A module that a reload evaluated again may add what it has kept.
  if (outer.outdated.has(nested)) outer.drop(nested);
  const isExposed = (registry: Families): boolean =>
    registry.below().some((families) => below.includes(families));
  if (outer.above().some(isExposed)) {
    throw new TypeError(
      "Cannot add a registry twice: it, or one that was added to it, is " +
        "exposed already",
    );
  }
  for (const { added } of nested.below()) {
    for (const { byName, giveUp } of added.values()) {
      for (const name of refused(outer, [...byName.values()])) giveUp(name);
    }
  }
  const descs = nested.descs();
  outer.check(descs, []);
  outer.reserve(descs);
  outer.sources.add(nested);
  nested.parents.add(outer);
  nested.selfMetrics.parents.add(outer.selfMetrics);
  const remove = once(() => {
    outer.sources.delete(nested);
    outer.nested.delete(nested);
    outer.outdated.delete(nested);
    nested.parents.delete(outer);
    nested.selfMetrics.parents.delete(outer.selfMetrics);
    outer.release(nested.descs());
  });
  outer.nested.set(nested, remove);
  return remove;
}

/** Returns whether a source gives up any of its families to others. */
function yields(source: Source): source is YieldingSource {
  return YIELD in source;
}

/** Returns the names of those of `descs` that other families exclude. */
function refused(
  families: Families,
  descs: readonly FamilyDesc[],
): readonly string[] {
  const isRefused = (desc: FamilyDesc): boolean => {
    try {
      for (const registry of families.above()) registry.names.check(desc);
      return false;
    } catch {
      return true;
    }
  };
  return descs.filter(isRefused).map(({ name }) => name);
}
