/** The view Fleet: the members, and their totals. */
import type { FleetMember } from "../../../src/dashboard/protocol.ts";
import type { MakeView } from "../../core/app.ts";
import { el, setText } from "../../core/dom.ts";
import {
  ago,
  bytes,
  type Format,
  ratio,
  wholeNumber,
  words,
} from "../../core/units.ts";
import { glyph, type GlyphName } from "../../parts/glyphs.ts";
import { type Column, sortTable } from "../../parts/sort_table.ts";
import { empty, loading } from "../../parts/states.ts";
import { showSentence } from "../health/sentence.ts";
import { fleetSentence } from "../health/words.ts";
import { failedShare, totalsOf } from "./totals.ts";

const GLYPHS: Readonly<Record<FleetMember["state"], GlyphName>> = {
  joined: "fine",
  late: "slow",
  gone: "failed",
};

const TONES: Readonly<Record<FleetMember["state"], string>> = {
  joined: "",
  late: "warn",
  gone: "bad",
};

const ORDER = ["gone", "late", "joined"];

function writeState(cell: HTMLElement, { state }: FleetMember): void {
  if (cell.dataset["state"] === state) return;
  cell.dataset["state"] = state;
  const image = glyph(GLYPHS[state]);
  image.setAttribute("aria-hidden", "true");
  cell.replaceChildren(
    el("span", `with-glyph ${TONES[state]}`.trim(), image, state),
  );
}

function text(value: number | null, format: Format): string {
  return value === null || Number.isNaN(value) ? "–" : words(format(value));
}

function count(value: number | null): string {
  return value === null ? "–" : wholeNumber(value);
}

const COLUMNS: readonly Column<FleetMember>[] = [
  {
    key: "state",
    head: "State",
    class: "state-cell",
    write: writeState,
    value: ({ state }) => ORDER.indexOf(state),
  },
  {
    key: "name",
    head: "Member",
    class: "mono",
    write: (cell, { isThis, name }) =>
      setText(cell, isThis ? `${name} (this one)` : name),
    value: ({ name }) => name,
  },
  {
    key: "pid",
    head: "Process",
    isNumber: true,
    class: "dim",
    write: (cell, { pid }) => setText(cell, pid === null ? "–" : String(pid)),
    value: ({ pid }) => pid ?? NaN,
  },
  {
    key: "age",
    head: "Figures of",
    isNumber: true,
    write: (cell, { age, state }) =>
      setText(
        cell,
        age === null
          ? "–"
          : `${state === "joined" ? "" : "then, "}${ago(0, age)}`,
      ),
    value: ({ age }) => age ?? NaN,
  },
  {
    key: "requests",
    head: "Requests",
    isNumber: true,
    class: "figure",
    write: (cell, { requests }) => setText(cell, count(requests)),
    value: ({ requests }) => requests ?? NaN,
  },
  {
    key: "errors",
    head: "Failed",
    isNumber: true,
    class: "figure",
    write: (cell, member) => setText(cell, text(failedShare(member), ratio)),
    value: (member) => failedShare(member),
  },
  {
    key: "memory",
    head: "Memory",
    isNumber: true,
    class: "figure",
    write: (cell, { memory }) => setText(cell, text(memory, bytes)),
    value: ({ memory }) => memory ?? NaN,
  },
];

export const fleet: MakeView = (app) => {
  const table = sortTable<FleetMember>({
    label: "Members of the fleet",
    columns: COLUMNS,
    keyOf: ({ name, pid }) => `${name} ${pid}`,
    sort: { key: "state", isDown: false },
    updateRow: (row, { state }) => {
      row.classList.toggle("is-then", state !== "joined");
    },
  });
  const sentence = el("p", "serif view-sentence");
  const totals = ["requests", "errors", "memory"].map(() =>
    el("td", "num figure")
  );
  table.element.classList.add("as-cards");
  ["Requests", "Failed", "Memory"].forEach((head, i) => {
    totals[i]!.dataset["head"] = head;
  });
  const name = el("th", "", "Total");
  name.colSpan = COLUMNS.length - totals.length;
  name.scope = "row";
  table.element.append(el("tfoot", "", el("tr", "", name, ...totals)));
  const sheet = el(
    "section",
    "sheet",
    el(
      "div",
      "sheet-head",
      el("h2", "", "Members"),
      el("span", "note", "requests since their start"),
    ),
    el("div", "scroll-x", table.element),
  );
  const place = el("div", "fleet-place", loading());
  const element = el(
    "div",
    "view view-fleet",
    el("h1", "unseen", "Fleet"),
    sentence,
    place,
  );

  const show = (content: HTMLElement) => {
    if (place.firstChild !== content) place.replaceChildren(content);
  };
  const none = empty(
    "No fleet is joined: this page shows one process.",
    "createTelemetry({ fleet: … })",
  );

  return {
    element,
    want: () => "health",
    update(changes) {
      const { health } = app.store;
      if (health === null || !changes.health) return;
      const members = health.fleet;
      if (members === null) {
        showSentence(sentence, []);
        return show(none);
      }
      show(sheet);
      table.setItems(members);
      const { errors, memory, requests, without } = totalsOf(members);
      showSentence(sentence, fleetSentence(members.length, without));
      const texts = [
        count(requests),
        text(failedShare({ errors, requests }), ratio),
        text(memory, bytes),
      ];
      totals.forEach((cell, i) => setText(cell, texts[i]!));
    },
  };
};
