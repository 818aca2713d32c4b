/** The samples of a fold as text. */
import {
  expose,
  openMetrics2,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { Fold } from "../../../src/fleet/fold/fold.ts";
import type { Source } from "../../../src/model/mod.ts";
import type { FakeSlot } from "./slots.ts";

/** Returns the parts of a fold as one source. */
export function sourceOf(fold: Fold): Source {
  return {
    get descs() {
      return fold.parts.flatMap(({ descs }) => descs);
    },
    get parts() {
      return fold.parts;
    },
    collect(sink) {
      for (const part of fold.parts) part.collect(sink);
    },
  };
}

/** Returns the samples of a fold, without metadata. */
export function linesOf(fold: Fold): string[] {
  return new TextDecoder().decode(expose(sourceOf(fold), prometheusText))
    .split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** Returns the exposition of a fold with start times and exemplars. */
export function openTextOf(fold: Fold): string {
  return new TextDecoder().decode(expose(sourceOf(fold), openMetrics2));
}

/** Returns a fold of slots by number. */
export function foldOf(
  slots: readonly FakeSlot[],
  dead: readonly number[] = [],
): Fold {
  const fold = new Fold({ maxMembers: 8 });
  slots.forEach((slot, i) => fold.take(i, slot.read(), "replaced"));
  fold.setDead(new Set(dead));
  fold.settle();
  return fold;
}
