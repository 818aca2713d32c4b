/** Checks the spelling of texts: British English, and the words of the project. */
import { readFileSync } from "node:fs";
import { spellCheckDocument } from "cspell-lib";
import { ROOT } from "../support/programs.ts";
import type { Fault } from "./constructions.ts";
import { CODE, type Text } from "./texts.ts";

/** The words of the project that no dictionary has, one per line. */
export const DICTIONARY = "tests/words/dictionary.txt";

/** Returns the words of the project. */
export function projectWords(): string[] {
  return readFileSync(ROOT + DICTIONARY, "utf8").trimEnd().split("\n");
}

const SETTINGS = {
  language: "en-GB",
  dictionaries: ["en-gb", "softwareTerms", "companies"],
  words: projectWords(),
};

/** Returns the words of texts that are not in the dictionaries. */
export async function misspeltIn(texts: readonly Text[]): Promise<Fault[]> {
  const faults: Fault[] = [];
  // One document for all texts: each one costs a millisecond by itself.
  const starts: number[] = [];
  let all = "";
  for (const { text } of texts) {
    starts.push(all.length);
    all += `${text.replaceAll(CODE, " ")}\n\n`;
  }
  const { issues } = await spellCheckDocument(
    { uri: "file:///words.txt", text: all, languageId: "plaintext" },
    { generateSuggestions: true, numSuggestions: 3, noConfigSearch: true },
    SETTINGS,
  );
  for (const { text: found, offset, suggestions = [] } of issues) {
    const index = starts.findLastIndex((start) => start <= offset);
    const { file, line, text } = texts[index]!;
    const before = text.slice(0, offset - starts[index]!);
    faults.push({
      file,
      line: line + before.split("\n").length - 1,
      found,
      instead: suggestions.length > 0
        ? `${suggestions.join(", ")}, or add it to ${DICTIONARY}`
        : `another word, or add it to ${DICTIONARY}`,
    });
  }
  return faults;
}
