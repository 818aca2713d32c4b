/**
 * Judges what a fleet has answered while its members were killed, frozen and
 * blocked. Everything here is a function of the recorded history.
 *
 * Times are milliseconds of one monotonic clock. What happens to a process happens
 * to all of its members: a thread of the process `12` has the name `12-a`.
 */

/** An answer of a metrics handler, and when it was requested and complete. */
export interface Scrape {
  readonly begun: number;
  readonly ended: number;
  readonly text: string;
  /** The member that has answered. */
  readonly member?: string;
  /**
   * For how long the handler has worked or waited, in ms, without the time in
   * which the threads of its process have waited for the processor.
   */
  readonly took?: number;
}

/** An increment that a member has acknowledged, and when that was received. */
export interface Ack {
  readonly member: string;
  readonly at: number;
}

/** A time in which a member or a process was stopped or its event loop was blocked. */
export interface Pause {
  readonly member: string;
  readonly from: number;
  /** Infinity: until the member was killed. */
  readonly to: number;
}

/** The end of a member or a process that could not publish before. */
export interface Kill {
  readonly member: string;
  readonly at: number;
}

/** What a load generator, a scraper and a nemesis have noted. */
export interface History {
  readonly scrapes: Scrape[];
  readonly acks: Ack[];
  readonly pauses: Pause[];
  readonly kills: Kill[];
  /** How many increments were sent, acknowledged or not. */
  sent: number;
}

/** Returns a history in which nothing has happened. */
export function newHistory(): History {
  return { scrapes: [], acks: [], pauses: [], kills: [], sent: 0 };
}

/** What `judge` needs to know about the fleet. */
export interface Terms {
  /** The counter that each request increments once. */
  readonly counter: string;
  /** For how long a member that runs may keep counts to itself, in ms. */
  readonly unpublished: number;
  /** The answer of a member after the end of the load. */
  readonly last: string;
}

/** What was wrong; each list is empty and each number 0 in a correct fleet. */
export interface Verdict {
  /** Samples below those of a scrape that had ended before. */
  readonly falls: readonly string[];
  /** Histograms whose buckets are not cumulative or do not end in the count. */
  readonly torn: readonly string[];
  /** Scrapes that have waited, although the member that answered has run. */
  readonly slow: readonly string[];
  /** Acknowledged increments missing beyond those that kills may cost. */
  readonly lost: number;
  /** Increments in the total that nobody has sent. */
  readonly invented: number;
  /** Acknowledged increments that are missing, allowed or not. */
  readonly missing: number;
  /** Acknowledged increments that the kills may cost. */
  readonly allowed: number;
}

/** Judges a history. */
export function judge(history: History, terms: Terms): Verdict {
  const total = readSamples(terms.last).get(terms.counter) ?? 0;
  const allowed = allowedLoss(history, terms.unpublished);
  const missing = Math.max(0, history.acks.length - total);
  return {
    falls: fallsIn(history.scrapes),
    torn: history.scrapes.flatMap(({ text }) => tornIn(text)),
    slow: slowIn(history),
    lost: Math.max(0, missing - allowed),
    invented: Math.max(0, total - history.sent),
    missing,
    allowed,
  };
}

const SAMPLE = /^([a-zA-Z_:][^\s{]*(?:\{.*\})?) (\S+)/;
const TYPE = /^# TYPE (\S+) (\S+)/;

/** Counters of one process, which fall when it ends. */
const OF_A_PROCESS = /^(?:process|deno|bun|nodejs)_/;

/** Returns the samples of counters, buckets and counts, by name and labels. */
export function readSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  let family = "";
  let type = "";
  for (const line of text.split("\n")) {
    const declared = TYPE.exec(line);
    if (declared !== null) [, family = "", type = ""] = declared;
    const sample = SAMPLE.exec(line);
    if (sample === null || OF_A_PROCESS.test(line)) continue;
    const [, series = "", value] = sample;
    if (rises(series, family, type)) samples.set(series, Number(value));
  }
  return samples;
}

function rises(series: string, family: string, type: string): boolean {
  if (!series.startsWith(family)) return false;
  const name = /^[^{]*/.exec(series)![0];
  const suffix = name.slice(family.length);
  if (type === "counter") return suffix === "" || suffix === "_total";
  if (type === "summary") return suffix === "_count";
  return type === "histogram" && /^_(?:bucket|count)$/.test(suffix);
}

/**
 * Returns the samples that are below, or missing after, those of any scrape that
 * had ended when this one began. One pass decides for all pairs, since only the
 * highest value of the earlier scrapes matters.
 */
function fallsIn(scrapes: readonly Scrape[]): string[] {
  const falls: string[] = [];
  const floor = new Map<string, number>();
  const byEnd = scrapes.toSorted((a, b) => a.ended - b.ended);
  let ended = 0;
  for (const later of scrapes.toSorted((a, b) => a.begun - b.begun)) {
    while (ended < byEnd.length && byEnd[ended]!.ended < later.begun) {
      for (const [series, value] of readSamples(byEnd[ended]!.text)) {
        floor.set(series, Math.max(value, floor.get(series) ?? value));
      }
      ended++;
    }
    const samples = readSamples(later.text);
    for (const [series, value] of floor) {
      const now = samples.get(series);
      if (now === undefined || now < value) {
        falls.push(`${series}: ${value} -> ${now ?? "missing"}`);
      }
    }
  }
  return falls;
}

const BUCKET = /^(.*)_bucket\{(?:(.*),)?le="([^"]*)"\}$/;

/** Returns the histograms of a scrape that are not whole. */
function tornIn(text: string): string[] {
  const torn: string[] = [];
  const samples = readSamples(text);
  const highest = new Map<string, number>();
  for (const [series, value] of samples) {
    const bucket = BUCKET.exec(series);
    if (bucket === null) continue;
    const [, name, labels, le] = bucket;
    const count = `${name}_count${labels ? `{${labels}}` : ""}`;
    const below = highest.get(count) ?? 0;
    if (value < below) torn.push(`${series}: ${value} < ${below}`);
    highest.set(count, value);
    if (le === "+Inf" && samples.get(count) !== value) {
      torn.push(`${count}: ${samples.get(count)}, ${series}: ${value}`);
    }
  }
  return torn;
}

/** The time in which a scrape that reaches a running member is answered, in ms. */
export const ANSWER = 100;

/** Returns whether what happens to `name` happens to `member`. */
function concerns(name: string, member: string): boolean {
  return member === name || member.startsWith(`${name}-`);
}

/** Returns the scrapes during which nothing was done to the member. */
export function undisturbed({ scrapes, pauses }: History): Scrape[] {
  return scrapes.filter(({ begun, ended, member = "" }) =>
    !pauses.some((pause) =>
      concerns(pause.member, member) && pause.from <= ended && pause.to >= begun
    )
  );
}

function slowIn(history: History): string[] {
  return undisturbed(history)
    .filter(({ took = 0 }) => took > ANSWER)
    .map(({ member, took, begun, ended }) =>
      `${member}: ${took} ms, from ${begun} to ${ended}`
    );
}

/**
 * Returns how many acknowledged increments the kills may cost: those of the last
 * `unpublished` milliseconds in which each killed member ran.
 */
function allowedLoss(history: History, unpublished: number): number {
  let allowed = 0;
  const members = Map.groupBy(history.acks, (ack) => ack.member);
  for (const { member: name, at } of history.kills) {
    for (const [member, acks] of members) {
      if (!concerns(name, member)) continue;
      const pauses = history.pauses.filter((pause) =>
        concerns(pause.member, member)
      );
      const since = runningSince(at, unpublished, pauses);
      allowed += acks.filter((ack) => ack.at >= since).length;
    }
  }
  return allowed;
}

/** Returns the time from which a member has run for `span` until `end`. */
function runningSince(
  end: number,
  span: number,
  pauses: readonly Pause[],
): number {
  let since = end - span;
  for (const { from, to } of pauses.toSorted((a, b) => b.from - a.from)) {
    const until = Math.min(to, end);
    if (from < end && until > since) since -= until - from;
  }
  return since;
}
