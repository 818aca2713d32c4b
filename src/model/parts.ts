/**
 * The parts of a source, read with care: properties of a source that a user
 * wrote can be getters that throw, lists without an end, or change between two
 * reads.
 *
 * - The parts of a source are read once per pass, and their descriptions with
 *   them. A part that cannot be read becomes one that fails with the reason.
 * - A registry adopts the sources that are added to it: their descriptions stay
 *   as they were then.
 * - Trusted sources are the library's own. They are taken as they are.
 */
import { ignoreRejection } from "../base/internal.ts";
import type { FamilyDesc } from "./desc.ts";
import { fixedDesc } from "./fixed_desc.ts";
import type { Rows } from "./rows.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";

/** The maximum number of families of a part. */
const MAX_DESCS = 100_000;

/** The maximum number of parts of a source of a user. */
const MAX_PARTS = 10_000;

const TRUSTED = /* @__PURE__ */ new WeakSet<Source>();

/** Marks `source` as the library's own: it is collected without checks. */
export function trustSource<S extends Source>(source: S): S {
  TRUSTED.add(source);
  return source;
}

/** Returns whether `source` is the library's own. */
export function isTrusted(source: Source): boolean {
  return TRUSTED.has(source);
}

const REGISTRIES = /* @__PURE__ */ new WeakSet<Source>();

/**
 * Marks `source` as a registry: its list of parts is taken as it is. As a part of
 * another source it is collected with checks, because it can have parts of users.
 */
export function trustParts(source: Source): void {
  REGISTRIES.add(source);
}

/**
 * Calls `part.collect`.
 *
 * @throws The error of the part, or an error if it returns a promise, whose
 *   rejection is ignored.
 */
export function collectUnchecked(part: Source, sink: Sink): void {
  const result: unknown = part.collect(sink);
  if (result === undefined || !ignoreRejection(result)) return;
  throw new TypeError(
    `Cannot collect "${nameOf(part)}": collect must be synchronous; ` +
      "do asynchronous work in refresh()",
  );
}

/** The families of a source in a registry to which it was added. */
export interface Adoption {
  /** The reserved families by name. */
  readonly descs: ReadonlyMap<string, FamilyDesc>;
  /**
   * Refuses a family that is not among `descs` if another family of the registry
   * writes one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void;
}

/** By source: the registries to which it was added; empty after its removal. */
const ADOPTIONS = /* @__PURE__ */ new WeakMap<Source, Adoption[]>();

/** Begins an adoption; call the result to end it. */
export function adopt(source: Source, adoption: Adoption): () => void {
  const adoptions = ADOPTIONS.get(source) ?? [];
  ADOPTIONS.set(source, adoptions);
  adoptions.push(adoption);
  return () => {
    adoptions.splice(adoptions.indexOf(adoption), 1);
  };
}

/** Facts about a part that is not trusted, as read at the start of a pass. */
export interface PartFacts {
  /** The name by which it is reported. */
  readonly name: string;
  readonly descs: readonly FamilyDesc[];
  readonly adoptions: readonly Adoption[];
}

const FACTS = /* @__PURE__ */ new WeakMap<Source, PartFacts>();

/** Returns the parts of `source`; a source without parts is its only part. */
export function partsOf(source: Source): readonly Source[] {
  if (isTrusted(source) || REGISTRIES.has(source)) {
    const parts = given(source, "parts") ?? [source];
    return Array.isArray(parts) ? parts : [...parts];
  }
  const found: Source[] = [];
  try {
    for (const part of given(source, "parts") ?? [source]) {
      if (found.length === MAX_PARTS) {
        found.length = 0; // a list without an end: one failure, not thousands
        throw new RangeError(
          `Cannot read more than ${MAX_PARTS} parts of a source`,
        );
      }
      found.push(readPart(part, source));
    }
  } catch (error) {
    found.push(failingPart(source, error));
  }
  return found;
}

/**
 * Returns a property of `source`; undefined if it is null, or if other code has
 * added it to `Object.prototype`.
 */
export function given<K extends "parts" | "refresh" | "rows" | "peek">(
  source: Source,
  name: K,
): Source[K] | undefined {
  const value = source[name];
  const { [name]: inherited } = Object.prototype as Partial<Source>;
  return value === inherited ? undefined : value ?? undefined;
}

/** Reads the facts about a part; returns a part that fails if they throw. */
function readPart(part: Source, owner: Source): Source {
  if (isTrusted(part)) return part;
  try {
    FACTS.set(part, readFacts(part, owner));
    return part;
  } catch (error) {
    return failingPart(owner, error);
  }
}

function readFacts(part: Source, owner: Source): PartFacts {
  const own = adoptionsOf(part);
  const adoptions = own.length > 0
    ? own
    : adoptionsOf(owner).length > 0
    ? adoptionsOf(owner)
    : FACTS.get(part)?.adoptions ?? [];
  const descs = own.length > 0 ? reservedOf(own) : fixedDescs(part);
  const [first] = [...descs, ...reservedOf(adoptions)];
  return { name: first?.name ?? UNNAMED, descs, adoptions };
}

const UNNAMED = "unnamed";

function adoptionsOf(source: Source): readonly Adoption[] {
  return ADOPTIONS.get(source) ?? [];
}

function reservedOf([first]: readonly Adoption[]): readonly FamilyDesc[] {
  return first === undefined ? [] : [...first.descs.values()];
}

/**
 * Returns the descriptions of `source` as they are now, checked and frozen.
 *
 * @throws If they cannot be read, or if one of them is illegal.
 */
export function fixedDescs(source: Source): readonly FamilyDesc[] {
  const list: unknown = source?.descs;
  if (!Array.isArray(list) || list.length > MAX_DESCS) {
    throw new TypeError(
      "Cannot read a source: give descs, the list of its families",
    );
  }
  return Array.from(list as readonly FamilyDesc[], fixedDesc);
}

/** Returns a part in place of `owner`, or of one of its parts, that throws. */
function failingPart(owner: Source, error: unknown): Source {
  return trustSource({
    descs: descsOf(owner),
    collect(): void {
      throw error;
    },
  });
}

/**
 * Returns the facts about a part that is not trusted.
 *
 * @throws If it cannot be read.
 */
export function factsOfPart(part: Source): PartFacts {
  let facts = FACTS.get(part);
  if (facts === undefined) FACTS.set(part, facts = readFacts(part, part));
  return facts;
}

/** Returns the families of a part; none if they cannot be read. */
export function descsOf(part: Source): readonly FamilyDesc[] {
  if (isTrusted(part)) return part.descs;
  try {
    const adoptions = adoptionsOf(part);
    return adoptions.length > 0
      ? reservedOf(adoptions)
      : FACTS.get(part)?.descs ?? fixedDescs(part);
  } catch {
    return [];
  }
}

/** Returns the name by which a part is reported: the name of its first family. */
export function nameOf(part: Source): string {
  const name = isTrusted(part) ? undefined : FACTS.get(part)?.name;
  return name ?? descsOf(part)[0]?.name ?? UNNAMED;
}

/** Returns the rows of a part, if sinks may cache them. */
export function rowsOf(part: Source): Rows | undefined {
  return isTrusted(part) ? given(part, "rows") : undefined;
}

/** Returns whether a part has to be refreshed; refreshing it can fail. */
export function canRefresh(part: Source): boolean {
  try {
    return given(part, "refresh") !== undefined;
  } catch {
    return true; // refreshing will throw, too
  }
}
