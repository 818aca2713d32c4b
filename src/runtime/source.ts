/** Sources of numbers that are asked for: what is absent is left out. */
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type Source,
} from "../model/mod.ts";

/** A number that is asked for at each collection. */
export interface Question {
  /** What it is. */
  readonly desc: FamilyDesc;
  /** The number; undefined if it cannot be told. */
  readonly ask: () => number | undefined;
}

/** One number without labels. */
export function question(
  init: Pick<FamilyDesc, "name" | "type" | "help"> & { unit?: string },
  ask: () => number | undefined,
): Question {
  return { desc: familyDesc(init), ask };
}

/** A source of such numbers; those of counters count from `start` on. */
export function asking(
  questions: readonly Question[],
  start: () => number,
): Source {
  return {
    descs: questions.map(({ desc }) => desc),
    collect(sink) {
      for (const { desc, ask } of questions) {
        const value = ask();
        if (value === undefined || !sink.family(desc)) continue;
        const began = desc.type === "counter" ? start() : 0;
        sink.number(Labels.NONE, value, began);
      }
    },
  };
}
