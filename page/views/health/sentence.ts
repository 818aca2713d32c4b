/** Shows the sentence at the head of a view. */
import { el } from "../../core/dom.ts";
import type { Piece } from "./words.ts";

/** Writes pieces into an element; only when they differ. */
export function showSentence(
  element: HTMLElement,
  pieces: readonly Piece[],
): void {
  const text = pieces.map((piece) =>
    typeof piece === "string" ? piece : piece.name
  ).join("");
  if (element.textContent === text) return;
  element.replaceChildren(
    ...pieces.map((piece) =>
      typeof piece === "string" ? piece : el("code", "", piece.name)
    ),
  );
}
