/** The view Health: checks, sources, the telemetry itself and its history. */
import type { Health, Hello } from "../../../src/dashboard/protocol.ts";
import type { MakeView } from "../../core/app.ts";
import { el, h, setText } from "../../core/dom.ts";
import {
  ago,
  bytes,
  plain,
  ratio,
  seconds,
  utc,
  wholeNumber,
  words,
} from "../../core/units.ts";
import { glyph } from "../../parts/glyphs.ts";
import { type Column, sortTable } from "../../parts/sort_table.ts";
import { loading } from "../../parts/states.ts";
import { showSentence } from "./sentence.ts";
import { fineSources, summaryOf, zeroCounts } from "./words.ts";

type Check = Health["checks"][number];
type Source = Health["sources"][number];
type Count = Health["self"][number];

/** Writes a state as glyph and word; only when it changes. */
function writeState(cell: HTMLElement, ok: boolean, bad: string): void {
  const word = ok ? "fine" : bad;
  if (cell.dataset["state"] === word) return;
  cell.dataset["state"] = word;
  const image = glyph(ok ? "fine" : "failing");
  image.setAttribute("aria-hidden", "true");
  cell.replaceChildren(
    el("span", ok ? "with-glyph" : "with-glyph bad", image, word),
  );
}

function writeMono(cell: HTMLElement, text: string): void {
  cell.classList.add("mono");
  setText(cell, text);
}

/** The columns of state and name, which checks and sources share. */
function named<T extends Check | Source>(head: string): readonly Column<T>[] {
  return [
    {
      key: "state",
      head: "State",
      class: "state-cell",
      write: (cell, { ok }) => writeState(cell, ok, "failing"),
      value: ({ ok }) => ok ? 1 : 0,
    },
    {
      key: "name",
      head,
      write: (cell, { name }) => writeMono(cell, name),
      value: ({ name }) => name,
    },
  ];
}

const CHECKS: readonly Column<Check>[] = [
  ...named<Check>("Check"),
  {
    key: "took",
    head: "Took",
    isNumber: true,
    write: (cell, { ms }) =>
      setText(cell, ms === null ? "–" : words(seconds(ms / 1000))),
    value: ({ ms }) => ms ?? NaN,
  },
];

const SOURCES: readonly Column<Source>[] = [
  ...named<Source>("Source"),
  {
    key: "error",
    head: "Newest error",
    class: "error-cell whole",
    write: (cell, { error }) => setText(cell, error),
  },
  {
    key: "failures",
    head: "Failures",
    isNumber: true,
    write: (cell, { failures }) => setText(cell, wholeNumber(failures)),
    value: ({ failures }) => failures,
  },
];

function labelsOf({ labels }: Count): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

const COUNTS: readonly Column<Count>[] = [
  {
    key: "name",
    head: "Metric",
    class: "metric-cell",
    write: (cell, { help, name }) => {
      writeMono(cell, name);
      cell.title = help;
    },
    value: ({ name }) => name,
  },
  {
    key: "labels",
    head: "Labels",
    class: "dim mono",
    write: (cell, count) => setText(cell, labelsOf(count)),
  },
  {
    key: "value",
    head: "Value",
    isNumber: true,
    write: (cell, { value }) => setText(cell, words(plain(value))),
    value: ({ value }) => value,
  },
];

function sheet(title: string, note: string, ...content: Node[]): HTMLElement {
  return el(
    "section",
    "sheet",
    el(
      "div",
      "sheet-head",
      el("h2", "", title),
      note === "" ? null : el("span", "note", note),
    ),
    ...content,
  );
}

/** The facts about the history, as a list of terms. */
function makeHistory(): { element: HTMLElement; show(hello: Hello): void } {
  const meter = h("meter", { class: "meter", min: 0, "aria-label": "Memory" });
  const terms = new Map(
    ["Memory", "1 s tier", "10 s tier", "Series", "Cost"].map((name) => {
      const value = el("dd");
      return [name, { name, value }];
    }),
  );
  const shortened = el("p", "history-shortened warn");
  const list = el("dl", "facts");
  for (const { name, value } of terms.values()) {
    list.append(el("dt", "", name), value);
  }
  const element = sheet(
    "History",
    "what the page can show, and what it costs",
    el("div", "history-body", meter, list, shortened),
  );
  const tier = ({ isOn, since }: Hello["history"]["fast"], now: number) => {
    const reach = since === null
      ? "nothing yet"
      : `since ${utc.seconds(since)}, ${ago(since, now)}`;
    return isOn ? reach : `${reach}; off while nobody looks`;
  };
  const set = (name: string, text: string) =>
    setText(terms.get(name)!.value, text);
  return {
    element,
    show({ cost, history, now, of, sampled }) {
      meter.max = history.max;
      meter.value = history.bytes;
      set(
        "Memory",
        `${words(bytes(history.bytes))} of ${words(bytes(history.max))}`,
      );
      set("1 s tier", tier(history.fast, now));
      set("10 s tier", tier(history.slow, now));
      set(
        "Series",
        sampled === of
          ? `all ${wholeNumber(of)}`
          : `${wholeNumber(sampled)} of ${wholeNumber(of)}, the largest`,
      );
      set(
        "Cost",
        cost === null ? "not measured yet" : `${words(ratio(cost))} of a core`,
      );
      setText(shortened, history.shortened);
    },
  };
}

export const health: MakeView = (app) => {
  const sentence = el("p", "serif view-sentence");
  const checks = sortTable<Check>({
    label: "Checks",
    columns: CHECKS,
    keyOf: ({ name }) => name,
    sort: { key: "state", isDown: false },
  });
  const sources = sortTable<Source>({
    label: "Sources",
    columns: SOURCES,
    keyOf: ({ name }) => name,
    sort: { key: "state", isDown: false },
  });
  const counts = sortTable<Count>({
    label: "The telemetry itself",
    columns: COUNTS,
    keyOf: (count) => `${count.name} ${labelsOf(count)}`,
    sort: { key: "name", isDown: false },
  });
  for (const { element } of [checks, sources, counts]) {
    element.classList.add("as-cards");
  }
  const history = makeHistory();
  const fine = el("p", "rest-names");
  const zero = el("p", "rest-names");
  const scrolled = (table: HTMLElement) => el("div", "scroll-x", table);
  const checksSheet = sheet("Checks", "", scrolled(checks.element));
  const sourcesSheet = sheet("Sources", "", scrolled(sources.element), fine);
  const countsSheet = sheet(
    "The telemetry itself",
    "its own metrics",
    scrolled(counts.element),
    zero,
  );
  const body = el(
    "div",
    "health-grid",
    el("div", "health-column", checksSheet, sourcesSheet, history.element),
    countsSheet,
  );
  const wait = loading();
  const element = el(
    "div",
    "view view-health",
    el("h1", "unseen", "Health"),
    sentence,
    wait,
    body,
  );
  body.hidden = true;

  return {
    element,
    want: () => "health",
    update(changes) {
      const { health, hello } = app.store;
      if (changes.hello && hello !== null) history.show(hello);
      if (health === null || !changes.health) return;
      wait.remove();
      body.hidden = false;
      showSentence(sentence, summaryOf(health));
      checksSheet.hidden = health.checks.length === 0;
      sourcesSheet.hidden = health.sources.length === 0;
      countsSheet.hidden = health.self.length === 0;
      checks.setItems(health.checks);
      const broken = health.sources.filter(({ ok }) => !ok);
      sources.setItems(broken);
      sources.element.hidden = broken.length === 0;
      setText(fine, fineSources(health));
      counts.setItems(health.self.filter(({ value }) => value !== 0));
      setText(zero, zeroCounts(health));
    },
  };
};
