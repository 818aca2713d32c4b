/** The head of a family: its name, help, facts, and the labels to split by. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { App } from "../../core/app.ts";
import {
  attrs,
  button,
  h,
  keyed,
  setChildren,
  setText,
} from "../../core/dom.ts";
import { ago, wholeNumber } from "../../core/units.ts";
import { glyph } from "../../parts/glyphs.ts";
import type { FamilyModel } from "./family_model.ts";
import { sinceChange } from "./figures.ts";
import { type LabelCount, largestLabel, NOTHING } from "./labels.ts";
import { shapeOf } from "./modes.ts";
import { isFull, isLevel } from "./names.ts";
import { breakable } from "../../parts/breakable.ts";

/** Widest bar of a chip, in pixels. */
const WIDEST = 36;

/** The head of a family. */
export class HeadPart {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #family: FamilyInfo;
  readonly #series = h("span", { class: "fact" });
  readonly #changed = h("span", { class: "fact" });
  readonly #full = h("p", { class: "metrics-full" });

  constructor(app: App, family: FamilyInfo) {
    this.#app = app;
    this.#family = family;
    const title = h("h1", { class: "mono" }, breakable(family.name));
    const traces = family.role === "requests" && app.store.hello?.has.traces
      ? h("a", {
        class: "button",
        href: app.location.href({ view: "traces", path: [], rest: {} }),
      }, "Open its traces")
      : null;
    this.element = h(
      "header",
      { class: "metrics-head" },
      h(
        "div",
        null,
        h("a", {
          class: "link metrics-back",
          href: app.location.href({ path: [], rest: {} }),
        }, "← All families"),
        title,
        h("p", { class: "serif" }, family.help),
        h(
          "p",
          { class: "metrics-facts" },
          h(
            "span",
            { class: "fact" },
            h("b", null, family.type),
            kindNote(family),
          ),
          family.unit === ""
            ? null
            : h("span", { class: "fact" }, "unit ", h("b", null, family.unit)),
          this.#series,
          this.#changed,
        ),
        this.#full,
      ),
      traces,
    );
  }

  /** Draws what changes. */
  update(family: FamilyInfo, model: FamilyModel): void {
    const { axis } = this.#app.store;
    const full = isFull(family);
    const limit = family.limit === null
      ? " series"
      : ` of at most ${wholeNumber(family.limit)} series`;
    setChildren(
      this.#series,
      full ? glyph("full", "full:") : null,
      h("b", { class: full ? "bad" : "" }, wholeNumber(family.series)),
      limit,
    );
    const since = family.type === "info"
      ? null
      : sinceChange(model.series, axis, isLevel(family));
    setText(this.#changed, sinceWords(since, axis.step, isLevel(family)));
    const largest = largestLabel(model.counts);
    this.#full.hidden = !full || largest === null;
    if (!full || largest === null) return;
    setChildren(
      this.#full,
      "New series go into one overflow series. Label ",
      h("b", null, largest.label),
      ` has ${wholeNumber(largest.values)} values.`,
    );
  }
}

function kindNote({ type, native, bounds, quantiles }: FamilyInfo): string {
  if (type === "histogram") {
    if (!native) return ", classic buckets";
    return bounds === null ? ", native buckets" : ", classic and native";
  }
  if (type === "summary" && quantiles !== null) {
    return ", quantiles of this process only";
  }
  return "";
}

function sinceWords(
  since: number | null,
  step: number,
  hasLevel: boolean,
): string {
  const what = hasLevel ? "changed" : "last observed";
  if (since === null) return "";
  if (since > 0) return `${what} ${ago(0, since)}`;
  return step === 1 ? `${what} now` : `${what} in the last ${step}\u00a0s`;
}

/** The labels to split by, and how many values each has. */
export class SplitPart {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #chips = h("div", {
    class: "metrics-chips",
    role: "group",
    "aria-label": "Split by",
  });

  constructor(app: App) {
    this.#app = app;
    this.element = h(
      "div",
      { class: "metrics-split" },
      h("span", { class: "dim" }, "Split by"),
      this.#chips,
      h(
        "span",
        { class: "faint metrics-hint" },
        "the number is how many values a label has",
      ),
    );
  }

  /** Draws the chips. */
  update({ counts, by, family }: FamilyModel): void {
    this.element.hidden = counts.length === 0 || shapeOf(family) !== "lines";
    const most = Math.max(1, ...counts.map(({ values }) => values));
    const all: LabelCount[] = [{ label: NOTHING, values: 0 }, ...counts];
    keyed(
      this.#chips,
      all,
      ({ label }) => label,
      ({ label }) => this.#makeChip(label),
      (chip, { label, values }) => {
        attrs(chip, { "aria-pressed": String(label === by) });
        if (label === NOTHING) return;
        const [, number, bar] = chip.children as unknown as HTMLElement[];
        setText(number!, wholeNumber(values));
        bar!.style.width = `${
          Math.max(3, Math.round(values / most * WIDEST))
        }px`;
      },
    );
  }

  #makeChip(label: string): HTMLButtonElement {
    const { location } = this.#app;
    const chip = button("chip", "", () => {
      location.go({ rest: { ...location.now.rest, by: label } });
    });
    if (label === NOTHING) chip.append("nothing");
    else {
      chip.append(
        h("span", null, label),
        h("span", { class: "count" }),
        h("span", { class: "metrics-bar" }),
      );
    }
    return chip;
  }
}
