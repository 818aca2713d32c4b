/**
 * A core that exposes other registries as well, whose names may be in UTF-8,
 * and whose families can take exemplars by themselves.
 */
import type { FamilyDesc, Source } from "../model/mod.ts";
import { type Book, checkDesc, NameBook } from "../model/internal.ts";
import { Core, once } from "./core.ts";
import { ExemplarSlots, type ExemplarSource } from "./exemplar_slots.ts";
import type { Health } from "./health.ts";
import { coreOf } from "./scope.ts";
import { Table } from "./table.ts";

/** The families of one registry, and the registries beside it. */
export class SharedCore extends Core {
  /** Stands for who follows at the moment: two may have one source. */
  #following: object | undefined;
  readonly #parents = new Set<SharedCore>();

  constructor(health: Health, exposesHealth: boolean) {
    super(health, exposesHealth, new NameBook());
  }

  /** Takes exemplars from `source`, until the result is disposed. */
  follow(source: ExemplarSource): Disposable {
    this.#follow(source);
    const own = this.#following = {};
    return once(() => {
      if (this.#following === own) this.#follow(undefined);
    });
  }

  #follow(source: ExemplarSource | undefined): void {
    const slots = source && (() => new ExemplarSlots(source));
    slots?.(); // or it throws
    this.health.exemplars = slots;
    for (const { source: family } of this.declared.values()) {
      if (family instanceof Table) family.follow(slots);
    }
  }

  override add(source: Source): Disposable {
    const core = coreOf(source);
    return core instanceof SharedCore ? this.#nest(core) : super.add(source);
  }

  #nest(core: SharedCore): Disposable {
    if (core.#below().includes(this)) {
      throw new RangeError(
        "Cannot add a registry to itself, or to one that was added to it",
      );
    }
    const below = core.#below();
    const isThere = (registry: SharedCore): boolean =>
      registry.#below().some((one) => below.includes(one));
    if (this.#above().some(isThere)) {
      throw new TypeError(
        "Cannot add a registry twice: it, or one that was added to it, is " +
          "exposed already",
      );
    }
    this.claim(core.#descs());
    this.sources.add(core);
    core.#parents.add(this);
    core.health.listeners.add(this.health);
    return once(() => {
      this.sources.delete(core);
      core.#parents.delete(this);
      core.health.listeners.delete(this.health);
      this.free(core.#descs());
    });
  }

  /** Descriptions of all families but those of `health`. */
  #descs(): FamilyDesc[] {
    return [...this.sources].flatMap((source) =>
      source instanceof SharedCore ? source.#descs() : (source as Source).descs
    );
  }

  /** This registry, and all that were added to it, and to these. */
  #below(): SharedCore[] {
    const nested = [...this.sources].filter((source) =>
      source instanceof SharedCore
    );
    return [this, ...nested.flatMap((core) => core.#below())];
  }

  /** This registry, and all that it was added to, and these were. */
  #above(): SharedCore[] {
    return [this, ...[...this.#parents].flatMap((core) => core.#above())];
  }

  protected override books(): readonly Book[] {
    return this.#above().map(({ book }) => book);
  }

  protected override check(desc: FamilyDesc): void {
    checkDesc(desc);
  }
}
