/** The first lines of the page: findings as sentences, each leading to its proof. */
import type { App } from "../../core/app.ts";
import { attrs, el, keyed, setText } from "../../core/dom.ts";
import {
  type ChartGroup,
  type SparkData,
  Sparkline,
} from "../../charts/mod.ts";
import { glyph } from "../../parts/glyphs.ts";
import { plainSentence, type WordedFinding } from "./wording.ts";

/** The evidence of a finding; null while it is not known. */
export type EvidenceOf = (id: string) => SparkData | null;

/** Contents of the list. */
export interface FindingListData {
  readonly heading: string;
  readonly note: string;
  readonly findings: readonly WordedFinding[];
  readonly more: number;
}

/** A row: a finding with its chart. */
class Row {
  readonly element = el("li", "finding");
  readonly spark: Sparkline;
  readonly #glyph = el("span", "finding-glyph");
  readonly #sentence = el("p", "finding-sentence");
  readonly #cause = el("p", "finding-cause");
  readonly #since = el("b");
  readonly #passed = el("span", "faint");
  readonly #proof = el("a", "button");
  #shown = "";

  constructor(group: ChartGroup) {
    this.spark = new Sparkline(group, 40);
    this.element.append(
      this.#glyph,
      el("div", "finding-words", this.#sentence, this.#cause),
      el("div", "finding-evidence", this.spark.element),
      el("div", "finding-since", this.#since, this.#passed),
      this.#proof,
    );
  }

  show(finding: WordedFinding, app: App): void {
    const key = JSON.stringify([finding.sentence, finding.glyph]);
    if (key !== this.#shown) {
      this.#shown = key;
      this.#sentence.replaceChildren(
        ...finding.sentence.map(({ kind, text }) =>
          kind === "name"
            ? el("code", "", text)
            : kind === "number"
            ? el("b", "", text)
            : document.createTextNode(text)
        ),
      );
      this.#glyph.replaceChildren(glyph(finding.glyph));
      attrs(this.element, { class: `finding ${finding.glyph}` });
    }
    this.element.classList.toggle("closed", !finding.isOpen);
    setText(this.#cause, finding.cause);
    setText(this.#since, finding.since);
    setText(this.#passed, finding.passed);
    setText(this.#proof, finding.proof.label);
    attrs(this.#proof, {
      href: app.location.href(finding.proof.to),
      "aria-description": finding.threshold,
    });
    attrs(this.element, { title: finding.threshold });
  }
}

/** The list of findings. */
export class FindingList {
  readonly element = el("section", "findings");
  readonly #app: App;
  readonly #group: ChartGroup;
  readonly #heading = el("h2");
  readonly #note = el("span", "faint");
  readonly #list = el("ul");
  readonly #more = el("p", "faint findings-more");
  readonly #rows = new WeakMap<Element, Row>();
  readonly #announced = new Set<string>();

  constructor(app: App, group: ChartGroup) {
    this.#app = app;
    this.#group = group;
    attrs(this.element, { "aria-label": "Findings" });
    const head = el("div", "findings-head", this.#heading, this.#note);
    this.element.append(head, this.#list, this.#more);
  }

  /** Shows the findings, and announces those that are new. */
  show({ heading, note, findings, more }: FindingListData): void {
    setText(this.#heading, heading);
    setText(this.#note, note);
    this.element.classList.toggle("none", findings.length === 0);
    this.#more.hidden = more === 0;
    setText(this.#more, `and ${more} more`);
    keyed(this.#list, findings, ({ id }) => id, () => {
      const row = new Row(this.#group);
      this.#rows.set(row.element, row);
      return row.element;
    }, (element, finding) => this.#rows.get(element)!.show(finding, this.#app));
    this.#list.hidden = findings.length === 0;
    const fresh = findings.filter(({ id, isOpen }) =>
      isOpen && !this.#announced.has(id)
    );
    for (const { id } of fresh) this.#announced.add(id);
    if (fresh.length > 0) {
      this.#app.announce(fresh.map(plainSentence).join(". "));
    }
  }

  /** Draws the charts of the findings that are shown. */
  drawEvidence(
    findings: readonly WordedFinding[],
    evidenceOf: EvidenceOf,
  ): void {
    const elements = [...this.#list.children];
    findings.forEach(({ id }, i) => {
      const row = elements[i] === undefined
        ? undefined
        : this.#rows.get(elements[i]);
      const data = evidenceOf(id);
      if (row === undefined) return;
      row.spark.element.hidden = data === null;
      if (data !== null) row.spark.draw(data);
    });
  }
}
