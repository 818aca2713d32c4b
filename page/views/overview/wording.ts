/**
 * Findings in words: a sentence, its cause, when, and where the proof is.
 * Pure; nothing here knows the document.
 */
import type { Finding, Hello } from "../../../src/dashboard/protocol.ts";
import type { Address } from "../../core/data.ts";
import {
  ago,
  brief,
  ratio,
  seconds,
  utc,
  wholeNumber,
  words,
} from "../../core/units.ts";
import { routeOf } from "../../parts/route_rows.ts";

/** A piece of a sentence: a name one types, a number that matters, or text. */
export interface Piece {
  readonly kind: "text" | "name" | "number";
  readonly text: string;
}

/** Where the proof of a finding is. */
export interface Proof {
  readonly label: string;
  readonly to: Partial<Address>;
}

/** A finding in words. */
export interface WordedFinding {
  readonly id: string;
  readonly glyph: "failing" | "slow" | "full";
  readonly isOpen: boolean;
  readonly sentence: readonly Piece[];
  /** A sentence of cause; empty if nothing is known. */
  readonly cause: string;
  /** Such as `since 14:21`, and `6 min ago` below it. */
  readonly since: string;
  readonly passed: string;
  readonly proof: Proof;
  /** Rule and threshold. */
  readonly threshold: string;
}

/** Shares are written as `a in b` up to this `b`. */
const SMALL = 10;

/** Shares below this are written as percent: nobody pictures 1 in 300. */
const TINY = 1 / 200;

/** Shares from this one on are written as `nearly all`. */
const NEARLY_ALL = 0.95;

/**
 * Writes a share, to be followed by a plural: `all`, `nearly all`, `9 in 10`,
 * `half of the`, `1 in 5`, `1 in 40`, `0.3 % of`. It is off by at most a tenth
 * of the share, or four hundredths.
 */
export function shareWords(k: number, n: number): string {
  const share = n > 0 ? Math.min(1, k / n) : 0;
  if (share === 1) return "all";
  if (share >= NEARLY_ALL) return "nearly all";
  if (share < TINY) return `${words(brief(ratio(share)))} of`;
  if (share <= 0.1) return `1 in ${Math.round(1 / share)}`;
  let best = "";
  let least = Infinity;
  for (let b = 2; b <= SMALL; b++) {
    const a = Math.round(share * b);
    const off = Math.abs(a / b - share);
    if (a === 0 || a === b || off >= least - 0.004) continue;
    best = `${a} in ${b}`;
    least = off;
  }
  return best === "1 in 2" ? "half of the" : best;
}

function text(text: string): Piece {
  return { kind: "text", text };
}

function name(text: string): Piece {
  return { kind: "name", text };
}

function number(text: string): Piece {
  return { kind: "number", text };
}

/** Facts that the words depend on, beside the finding. */
export interface WordingContext {
  readonly hello: Pick<Hello, "requests" | "has">;
  readonly now: number;
  /** Limits of families, by name. */
  readonly limitOf: (family: string) => number | null;
}

/** Puts a finding into words. */
export function wordFinding(
  finding: Finding,
  context: WordingContext,
): WordedFinding {
  const said = sentenceOf(finding, context);
  return {
    id: finding.id,
    isOpen: finding.until === null,
    threshold: finding.threshold,
    ...sinceOf(finding, context.now),
    ...said,
  };
}

type Said = Pick<WordedFinding, "glyph" | "sentence" | "cause" | "proof">;

function sentenceOf(finding: Finding, context: WordingContext): Said {
  switch (finding.rule) {
    case "failing":
      return failing(finding, context);
    case "slow":
      return slow(finding, context);
    case "loop":
      return loop(finding);
    case "overflow":
      return overflow(finding, context);
    case "loss":
      return loss(finding);
    case "source":
      return source(finding);
  }
}

/** Verbs follow the state: a closed finding is in the past tense. */
function verb(finding: Finding, now: string, before: string): string {
  return finding.until === null ? now : before;
}

/** Returns the usual share of requests that do what they do now. */
function usualWords({ usual }: Finding, does: string): string {
  if (usual === null) return "";
  const share = usual < 0.001 ? "hardly any" : words(brief(ratio(usual)));
  return `Usually ${share} ${does}.`;
}

function tracesOrRoute(
  list: "failed" | "slowest",
  label: string,
  route: string,
  { hello }: WordingContext,
): Proof {
  return hello.has.traces
    ? { label, to: { view: "traces", path: [], route, rest: { list } } }
    : {
      label: "Open route",
      to: { view: "routes", path: [], route, rest: {} },
    };
}

function failing(finding: Finding, context: WordingContext): Said {
  const route = routeOf(finding, context.hello.requests);
  return {
    glyph: "failing",
    sentence: [
      name(route === "" ? "The service" : route),
      text(` ${verb(finding, "fails", "failed")} for `),
      number(shareWords(finding.k, finding.n)),
      text(" requests"),
    ],
    cause: joined(ended(finding.cause), usualWords(finding, "fail")),
    proof: tracesOrRoute("failed", "Failed traces", route, context),
  };
}

function slow(finding: Finding, context: WordingContext): Said {
  const route = routeOf(finding, context.hello.requests);
  const bound = finding.above === null
    ? ""
    : words(brief(seconds(finding.above)));
  return {
    glyph: "slow",
    sentence: [
      name(route === "" ? "The service" : route),
      text(` ${verb(finding, "takes", "took")} more than `),
      number(bound),
      text(` for `),
      number(shareWords(finding.k, finding.n)),
      text(" requests"),
    ],
    cause: joined(
      ended(finding.cause),
      usualWords(finding, "take that long"),
    ),
    proof: tracesOrRoute("slowest", "Slowest traces", route, context),
  };
}

function openMetric(family: string | null): Proof {
  return family === null
    ? { label: "Open health", to: { view: "health", path: [], rest: {} } }
    : {
      label: "Open metric",
      to: { view: "metrics", path: [family], route: "", rest: {} },
    };
}

/** Delays from this bound on are counted; shorter ones are timed. */
const COUNTED_FROM = 1;

function loop(finding: Finding): Said {
  const { above, k, n } = finding;
  const late = words(brief(seconds(above ?? 0)));
  const share = n > 0 ? k / n : 0;
  const isCounted = above !== null && above >= COUNTED_FROM;
  return {
    glyph: "slow",
    sentence: [
      text("The event loop "),
      text(
        isCounted
          ? verb(finding, "has been", "was")
          : verb(finding, "is", "was"),
      ),
      text(" more than "),
      number(late),
      ...isCounted
        ? [
          text(" late "),
          number(k === 1 ? "once" : `${wholeNumber(k)} times`),
          text(` in ${words(brief(seconds(n)))}`),
        ]
        : [
          text(" late for "),
          number(
            share >= NEARLY_ALL ? "nearly all" : words(brief(ratio(share))),
          ),
          text(" of the time"),
        ],
    ],
    cause: joined(
      ended(finding.cause),
      "All requests wait while a task holds it.",
    ),
    proof: openMetric(finding.family),
  };
}

function overflow(finding: Finding, { limitOf }: WordingContext): Said {
  const family = finding.family ?? "A family";
  // Only of a family that is nearly full the limit was a share of its series.
  const isFull = finding.limit === null;
  const limit = limitOf(family) ?? (isFull ? null : finding.n);
  const share = verb(finding, "share", "shared");
  return {
    glyph: "full",
    sentence: [
      name(family),
      ...isFull
        ? [
          text(` ${verb(finding, "is", "was")} full`),
          ...limit === null
            ? []
            : [text(" at "), number(wholeNumber(limit)), text(" series")],
          text(`: new label sets ${share} one series`),
        ]
        : [
          text(
            ` ${verb(finding, "is", "was")} ${
              finding.k < finding.n ? "nearly full" : "full"
            }: `,
          ),
          number(wholeNumber(finding.k)),
          text(` of ${wholeNumber(finding.n)} series`),
        ],
    ],
    cause: joined(
      ended(finding.cause),
      isFull
        ? `It refused ${wholeNumber(finding.k)} ` +
          `${finding.k === 1 ? "look-up" : "look-ups"} of new label sets in ` +
          `${words(brief(seconds(finding.window)))}.`
        : "",
    ),
    proof: openMetric(finding.family),
  };
}

/** Kinds of telemetry. */
const ITEMS: Readonly<Record<string, string>> = {
  spans: "spans",
  logs: "log events",
  points: "metric points",
};

function loss(finding: Finding): Said {
  const share = shareWords(finding.k, finding.n);
  const items = finding.subject["items"] ?? "spans";
  const isOne = share.startsWith("1 in");
  return {
    glyph: "full",
    sentence: [
      number(share.charAt(0).toUpperCase() + share.slice(1)),
      text(` ${ITEMS[items] ?? items} `),
      text(
        isOne
          ? verb(finding, "is lost", "was lost")
          : verb(finding, "are lost", "were lost"),
      ),
    ],
    cause: joined(
      ended(finding.cause),
      items === "spans"
        ? verb(
          finding,
          "Traces miss these spans.",
          "Traces of that time miss these spans.",
        )
        : "",
    ),
    proof: { label: "Open health", to: { view: "health", path: [], rest: {} } },
  };
}

function source(finding: Finding): Said {
  const subject = Object.values(finding.subject).find((each) => each !== "");
  return {
    glyph: "full",
    sentence: [
      text("The source "),
      name(subject ?? finding.family ?? finding.id),
      text(` ${verb(finding, "fails", "failed")} to report its metrics`),
    ],
    cause: ended(finding.cause),
    proof: { label: "Open health", to: { view: "health", path: [], rest: {} } },
  };
}

/** Ends a sentence. It begins as it is: often with a name. */
function ended(text: string): string {
  if (text === "") return "";
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function joined(...sentences: readonly string[]): string {
  return sentences.filter((each) => each !== "").join(" ");
}

/** The age of older findings is given in hours. */
const HOUR = 3600;

function sinceOf(
  finding: Finding,
  now: number,
): Pick<WordedFinding, "since" | "passed"> {
  const { since, until, isSinceExact } = finding;
  if (until !== null) {
    return {
      since: `until ${utc.minutes(until)}`,
      passed: `since ${utc.minutes(since)}`,
    };
  }
  if (!isSinceExact && now - since >= HOUR * 0.9) {
    return { since: "for an hour", passed: "or longer" };
  }
  const about = isSinceExact ? "" : "about ";
  return {
    since: `since ${about}${utc.minutes(since)}`,
    passed: ago(since, now),
  };
}

/** Returns the number of open findings in words: `3 things need a look`. */
export function countWords(open: number): string {
  if (open === 0) return "Nothing needs a look.";
  return open === 1 ? "1 thing needs a look" : `${open} things need a look`;
}

/** Returns a sentence as plain text, for readers. */
export function plainSentence({ sentence }: WordedFinding): string {
  return sentence.map(({ text }) => text).join("");
}
