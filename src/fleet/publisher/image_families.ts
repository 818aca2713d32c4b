/** The families of an image, their rows by labels, and which were removed. */
import type { FamilyDesc } from "../../model/mod.ts";
import {
  type Entry,
  type Image,
  ImageFamily,
  type KnownSlots,
} from "./image.ts";
import {
  exactLabels,
  hasSameLabels,
  matches,
  type Pattern,
  seriesKey,
} from "../slot/labels.ts";
import { EXPIRED, HELD, signatureOf, type SlotFamily } from "../slot/slot.ts";

/** See the head of this file. */
export class ImageFamilies {
  readonly bySignature: Map<string, ImageFamily> = new Map();
  readonly #image: Image;
  readonly #slots: KnownSlots;
  readonly #byName = new Map<string, ImageFamily[]>();
  /** By labels and name: the highest generation of the tombstones in the image. */
  readonly #removed = new Map<string, number>();

  constructor(image: Image, slots: KnownSlots) {
    this.#image = image;
    this.#slots = slots;
    this.read();
  }

  all(): Iterable<ImageFamily> {
    return this.bySignature.values();
  }

  /** Learns the families and tombstones of the image. */
  read(): void {
    const { families, tombstones } = this.#image;
    families.forEach((declared, number) => {
      const family = this.of(declared);
      family.numbers.set(declared.desc.help, number);
      family.number = number;
    });
    this.#removed.clear();
    for (const { family, labels, generation } of tombstones) {
      this.setRemoved(families[family]!.desc.name, labels, generation);
    }
  }

  /** Returns the family of that signature. */
  of(family: SlotFamily): ImageFamily {
    const signature = signatureOf(family);
    let known = this.bySignature.get(signature);
    if (known === undefined) {
      known = new ImageFamily(family);
      this.bySignature.set(signature, known);
      const { name } = family.desc;
      this.#byName.set(name, [...this.#byName.get(name) ?? [], known]);
    }
    return known;
  }

  /** Returns a family, declared in the image; `isNew`: it was not. */
  declare(
    desc: FamilyDesc,
    bounds: readonly number[],
    isNative: boolean,
  ): { readonly family: ImageFamily; readonly isNew: boolean } {
    const slotFamily: SlotFamily = { desc, bounds, isNative };
    const family = this.of(slotFamily);
    const known = family.numbers.get(desc.help);
    const number = known ?? this.#image.addFamily(slotFamily);
    family.numbers.set(desc.help, number);
    family.number = number;
    return { family, isNew: known === undefined };
  }

  /** Returns the highest generation of a series that was removed, or -1. */
  removedOf(name: string, labels: string): number {
    const own = this.#removed.get(seriesKey(name, labels)) ?? -1;
    return Math.max(own, this.#slots.removedOf(name, labels));
  }

  /** Notes a tombstone of the image. */
  setRemoved(name: string, labels: string, generation: number): void {
    const key = seriesKey(name, labels);
    if (generation <= (this.#removed.get(key) ?? -1)) return;
    this.#removed.set(key, generation);
  }

  /** Returns the entries that a pattern matches. */
  matching(desc: FamilyDesc, pattern: Pattern): Entry[] {
    const families = this.#byName.get(desc.name) ?? [];
    const exact = exactLabels(desc, pattern);
    return families.filter((family) => hasSameLabels(family.desc, desc))
      .flatMap(({ entries }) =>
        exact !== undefined
          ? entries.get(exact) ?? []
          : [...entries.values()].filter(({ labels }) =>
            matches(pattern, JSON.parse(labels))
          )
      );
  }

  /** Returns the rows of series that the registry has, or that never fall. */
  used(): Set<number> {
    const used = new Set<number>();
    const { cells, states } = this.#image;
    for (const { entries, isCumulative, width } of this.all()) {
      for (const { row, at } of entries.values()) {
        const state = states[row];
        // One that was removed elsewhere after it had expired counts nothing.
        const counts = isCumulative && (state !== EXPIRED ||
          cells.subarray(at, at + width).some((cell) => cell !== 0));
        if (counts || state === HELD) used.add(row);
      }
    }
    return used;
  }

  /** Returns the entries that a tombstone ends. */
  removedBy(name: string, labels: string, generation: number): Entry[] {
    const families = this.#byName.get(name) ?? [];
    return families.flatMap(({ entries }) => entries.get(labels) ?? [])
      .filter((entry) => entry.generation <= generation);
  }
}
