/** The constructions that the book and the comments do without. */
import { CODE, type Text } from "./texts.ts";

/** A construction that is hard to read, or a word that the field has another for. */
export interface Construction {
  readonly pattern: RegExp;
  /** The words to write instead. */
  readonly instead: string;
  /** A sentence that has it, for the test. */
  readonly sample: string;
}

/** The start of a sentence. */
const START = /(?<=^\s*|[.!?)]\s+|[.!?]_\s+|\n\s*\n\s*|\n- )/.source;

/** The rest of a sentence that is no question. */
const REST = /\b(?:[^.?!]|[.](?=\w))*[.](?!\w)/.source;

export const CONSTRUCTIONS: readonly Construction[] = [
  {
    pattern: new RegExp(`${START}(?:What|Whatever)${REST}`, "g"),
    instead: 'the thing as the subject: "The text of a cell", "Fields that"',
    sample: "What is cached is dropped.",
  },
  {
    pattern: new RegExp(`${START}(?:Who|Whoever|Whom|Whose)${REST}`, "g"),
    instead: 'a noun as the subject: "A client that", "Callers that"',
    sample: "Who asks twice waits.",
  },
  {
    pattern: new RegExp(
      `${START}(?!In which case)(?:By|In|For|Of|To|With|From|Under|At|On) ` +
        `(?:what|which|whom|how many|how much)${REST}`,
      "g",
    ),
    instead: 'the thing first: "The name of", "Number of"',
    sample: "By what a span is known.",
  },
  {
    // "The metrics of its own process" is fine: a noun follows.
    pattern:
      /\bof (?:its|their|one's|your|our) own(?=\s*(?:[.,;:)]|$)|\s+(?:and|or|so|for|to|in|on|with|without|that|which|if|when|because|as|but|by|from|at|beside|is|are|has|have)\b)/g,
    instead: '"its own …", "separate" or "dedicated"',
    sample: "It has a process of its own.",
  },
  {
    pattern: /\bso (?:many|large)\b(?!(?: \w+){0,4} that\b)/gi,
    instead: '"this many", "that many", or the number',
    sample: "It keeps so many pages.",
  },
  {
    pattern: /\bas a rule\b/gi,
    instead: '"usually"',
    sample: "As a rule, no.",
  },
  {
    pattern: /\bat (?:the moment|present)\b/gi,
    instead: '"now"',
    sample: "There are none at present.",
  },
  {
    pattern:
      /\bany more(?=\s*(?:[.,;:)]|$)|\s+(?:after|when|if|and|but|because|once)\b)/g,
    instead: '"no longer"',
    sample: "It does not run any more.",
  },
  {
    pattern:
      /\b(?:is|are|was|were|be|been|being|not) told (?:of|about)\b|\b(?:tells?|telling) of\b/g,
    instead: '"is notified of", "is reported", "reports"',
    sample: "The page is told of it.",
  },
  {
    pattern: /\blet(?:s|ting)? go\b/g,
    instead: '"disconnects", "releases" or "drops"',
    sample: "The server lets go of it.",
  },
  {
    pattern: /\b(?:has|have|had|having) (?:its|their) say\b/g,
    instead: '"yields to the caller", "is called"',
    sample: "Then the caller has its say.",
  },
  {
    pattern: /\bst(?:and|ands|anding|ood) nowhere\b/g,
    instead: '"is not …", "is missing"',
    sample: "It stands nowhere.",
  },
  {
    pattern:
      /\b(?:hands|handed|handing) in\b|\b(?:to|must|can|may|will|not) hand in\b/g,
    instead: '"passes", "is passed"',
    sample: "A clock is handed in.",
  },
  {
    pattern: /\b(?:drawn )?by lot\b/g,
    instead: '"random"',
    sample: "The id is drawn by lot.",
  },
  {
    pattern: /\bunless (?:it is |one is )?given\b/g,
    instead: '"Default: …"',
    sample: "The port is 80 unless given.",
  },
  {
    pattern: /\bhow manieth\b/gi,
    instead: '"the index of"',
    sample: "The how manieth it is.",
  },
  {
    pattern:
      /\b(?:client|scraper|browser|server|Prometheus|collector)s? asks? for\b/g,
    instead: '"requests"',
    sample: "A client asks for text.",
  },
  {
    pattern: /(?<!so to )\b(?:speaks?|spoken|spoke)\b/g,
    instead: '"writes", "supports" or "uses"',
    sample: "The server speaks OTLP.",
  },
  {
    pattern: /\b(?:hears?|heard)\b/g,
    instead: '"is notified", "receives"',
    sample: "The listener hears it.",
  },
  {
    pattern: /\bothers'(?!\w)/g,
    instead: '"other libraries\'"',
    sample: "It is faster than others'.",
  },
  {
    pattern: /\bbegin of\b|\bbegin and end\b/gi,
    instead: '"the start of"',
    sample: "The begin of the column.",
  },
  { pattern: /\blent\b/g, instead: '"borrowed"', sample: "The page is lent." },
  {
    pattern: /\b(?:anew|hitherto|thereof|therein|whereof)\b/g,
    instead: '"again", "so far", "of it", "in it"',
    sample: "It is written anew.",
  },
  {
    pattern: new RegExp(`${START}Says\\b`, "g"),
    instead: '"Returns", "Sets" or "Reports"',
    sample: "Says whether it runs.",
  },
];

/** A construction in a text. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** Returns the banned constructions of a text. */
export function constructionsIn({ file, line, text }: Text): Fault[] {
  return CONSTRUCTIONS.flatMap(({ pattern, instead }) =>
    // Words that stand on two lines are found as well.
    [...text.matchAll(
      new RegExp(
        pattern.source.replaceAll(" ", "\\s+"),
        pattern.flags,
      ),
    )].map(({ 0: found, index }) => ({
      file,
      line: line + text.slice(0, index).split("\n").length - 1,
      found: found.trim().replace(/\s+/g, " ").replaceAll(CODE, "").slice(
        0,
        70,
      ),
      instead,
    }))
  );
}
