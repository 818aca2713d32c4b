/** The exemplars and native buckets that a row publishes. */
import type { Exemplar, NativeView } from "../../model/mod.ts";
import { type Extra, extraText, NO_EXTRA } from "../slot/extra.ts";
import { addNative, copyNative, subtractNative } from "./native_buckets.ts";

type Exemplars = Extra["exemplars"];

/**
 * The extra of one row: native buckets are a base plus those of the registry,
 * like cells. Exemplars are those of the registry, or else of the base.
 */
export class RowExtra {
  /** Whether its exemplars belong to no cell. */
  readonly #isList: boolean;
  #base: Extra;
  /** Exemplars before this time, in unix seconds, are of an earlier row. */
  #since = 0;
  /** The native buckets of the registry that are of an earlier row. */
  #earlier: NativeView | undefined;
  /** The extra of the registry. */
  #own: Extra | undefined;
  #published: Extra;
  /** The text to publish. */
  text: string | undefined;

  /** `base` is the extra from which the row continues, and `text` its text. */
  constructor(isList: boolean, base = NO_EXTRA, text?: string) {
    this.#isList = isList;
    this.#base = base;
    this.#published = base;
    this.text = text;
  }

  /** Returns whether the registry still has the same exemplars. */
  hasSame(exemplars: Exemplars): boolean {
    const known = this.#own?.exemplars;
    if (known?.length !== exemplars.length) return false;
    for (let i = 0; i < known.length; i++) {
      if (known[i] !== exemplars[i]) return false;
    }
    return true;
  }

  /** Continues from what is published: the registry has started again. */
  restart(): void {
    this.#base = this.#published;
    this.#earlier = undefined;
  }

  /** The native buckets of the registry. */
  get native(): NativeView | undefined {
    return this.#own?.native;
  }

  /** Leaves out native buckets that the base has already. */
  leaveOut(counted: NativeView): void {
    this.#earlier = counted;
  }

  /** Begins a row at zero, whatever the registry has now. */
  beginAnew(now: number): void {
    this.#base = NO_EXTRA;
    this.#earlier = this.#own?.native;
    this.#since = now;
    this.#publish();
  }

  /** Takes the extra of the registry; returns whether the text has changed. */
  take(exemplars: Exemplars, native: NativeView | undefined): boolean {
    const copied = native && copyNative(native);
    this.#own = { exemplars: exemplars.slice(), native: copied };
    return this.#publish();
  }

  #publish(): boolean {
    const before = this.text;
    const native = this.#native();
    this.#published = { exemplars: this.#exemplars(), native };
    this.text = extraText(this.#published);
    return this.text !== before;
  }

  #native(): NativeView | undefined {
    const native = this.#own?.native;
    const base = this.#base.native;
    if (native === undefined) return base;
    const own = this.#earlier === undefined
      ? native
      : subtractNative(native, this.#earlier);
    return base === undefined ? own : addNative(base, own);
  }

  #exemplars(): Exemplars {
    const { exemplars } = this.#base;
    const own = (this.#own?.exemplars ?? []).map((exemplar) =>
      this.#isEarlier(exemplar) ? undefined : exemplar
    );
    if (this.#isList) {
      const recent = own.filter((exemplar) => exemplar !== undefined);
      return recent.length > 0 ? recent : exemplars;
    }
    const length = Math.max(own.length, exemplars.length);
    return Array.from({ length }, (_, i) => own[i] ?? exemplars[i]);
  }

  #isEarlier(exemplar: Exemplar | undefined): boolean {
    const { timestamp = 0 } = exemplar ?? {};
    return timestamp > 0 && timestamp < this.#since;
  }
}
