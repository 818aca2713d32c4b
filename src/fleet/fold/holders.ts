/**
 * Decides which declarations hold: a function of what stands in the slots, so
 * that all members decide the same.
 *
 * - Of several declarations of a name, the one of the longest-standing live
 *   member holds. If no live member declares it: the one of the newest publish.
 * - Of two families that would write the same name, such as a counter `x_total`
 *   and a histogram `x`, the one that is held by the longer-standing member.
 */
import { FamilyConflictError } from "../../model/mod.ts";
import { ExposedNames, factsOf } from "../../model/internal.ts";
import type { MergedFamily } from "./merged_family.ts";
import type { SlotColumns } from "./slot_columns.ts";

/** The declarations that hold. */
export interface Holders {
  /** The families that are shown, in the order of exposition. */
  readonly shown: readonly MergedFamily[];
  /** By name: how many live members have declared something else. */
  readonly refused: ReadonlyMap<string, number>;
  /** Whether the time of a publish decided, so that the next one can, too. */
  readonly isContested: boolean;
}

/** The declaration of a name that holds. */
interface Holder {
  readonly name: string;
  readonly family: MergedFamily;
  readonly slot: SlotColumns;
  /** The number of the family in that slot. */
  readonly number: number;
  /** The place of the slot among the live members; Infinity: it is not live. */
  readonly rank: number;
}

/** Decides among the families of all slots. */
export function holdersOf(slots: readonly SlotColumns[]): Holders {
  const live = slots.filter(({ isLive }) => isLive).sort((a, b) =>
    a.meta!.joinedAt - b.meta!.joinedAt || a.slot - b.slot
  );
  const declared = live.map((slot) => declaredBy(slot));
  const holders = new Map<string, Holder>();
  live.forEach((slot, rank) => {
    for (const [name, number] of declared[rank]!) {
      if (holders.has(name)) continue;
      const family = slot.families[number]!;
      holders.set(name, { name, family, slot, number, rank });
    }
  });
  const others = addUndeclared(slots, holders);
  describe(slots, holders);
  const ranked = [...holders.values()].sort(byRank);
  const { shown, clashes } = withoutClashes(ranked);
  const refused = new Map<string, number>();
  live.forEach((slot, rank) => {
    for (const [name, number] of declared[rank]!) {
      const { family } = holders.get(name)!;
      if (slot.families[number] === family && !clashes.has(family)) continue;
      refused.set(name, (refused.get(name) ?? 0) + 1);
    }
  });
  return {
    shown: shown.sort(byName),
    refused,
    isContested: others.isContested || clashes.size > 0,
  };
}

/** Returns the families that the owner of a slot has declared, by name. */
function declaredBy(slot: SlotColumns): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const number of slot.meta!.declared) {
    const name = slot.families[number]?.declared.desc.name;
    if (name === undefined || number < (numbers.get(name) ?? -1)) continue;
    numbers.set(name, number);
  }
  return numbers;
}

/** Adds the names that no live member declares, by the newest publish. */
function addUndeclared(
  slots: readonly SlotColumns[],
  holders: Map<string, Holder>,
): { readonly isContested: boolean } {
  const names = new Set(holders.keys());
  let isContested = false;
  for (const slot of slots) {
    slot.families.forEach((family, number) => {
      const { name } = family.declared.desc;
      if (names.has(name)) return;
      const known = holders.get(name);
      if (known !== undefined && known.family !== family) isContested = true;
      const isNewer = known === undefined || known.slot === slot ||
        slot.publishedAt > known.slot.publishedAt;
      if (!isNewer) return;
      holders.set(name, { name, family, slot, number, rank: Infinity });
    });
  }
  return { isContested };
}

/**
 * Gives each family its help: that of the member whose declaration holds. If no
 * live member declares it, any choice will do that is the same everywhere.
 */
function describe(
  slots: readonly SlotColumns[],
  holders: ReadonlyMap<string, Holder>,
): void {
  const greatest = new Map<MergedFamily, string>();
  for (const { state, families } of slots) {
    families.forEach((family, number) => {
      const { help } = state!.families[number]!.desc;
      const known = greatest.get(family);
      if (known === undefined || help > known) greatest.set(family, help);
    });
  }
  for (const { family, slot, number, rank } of holders.values()) {
    const help = rank === Infinity
      ? greatest.get(family)!
      : slot.state!.families[number]!.desc.help;
    family.describe(help);
  }
}

/** Leaves out families that write a name of an earlier one. */
function withoutClashes(
  ranked: readonly Holder[],
): {
  readonly shown: MergedFamily[];
  readonly clashes: ReadonlySet<MergedFamily>;
} {
  const names = new ExposedNames();
  const shown: MergedFamily[] = [];
  const clashes = new Set<MergedFamily>();
  for (const { family } of ranked) {
    try {
      names.check(family.desc);
      names.reserve(family.desc);
      shown.push(family);
    } catch (error) {
      if (!(error instanceof FamilyConflictError)) throw error;
      clashes.add(family);
    }
  }
  for (const { desc } of shown) factsOf(desc)!.reservedIn = names;
  return { shown, clashes };
}

function byRank(a: Holder, b: Holder): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return b.slot.publishedAt - a.slot.publishedAt ||
    a.slot.slot - b.slot.slot || a.number - b.number;
}

function byName({ desc: a }: MergedFamily, { desc: b }: MergedFamily): number {
  const isFirst = (name: string) => name === "target_info";
  return +isFirst(b.name) - +isFirst(a.name) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
