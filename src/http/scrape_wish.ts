/**
 * What a scraper asks for beside format and compression: some families only,
 * and an answer in time. All of it is hostile, and read up to a limit.
 */
import type { FamilyDesc } from "../model/mod.ts";
import { escapedDesc, exposedNames } from "../model/internal.ts";
import type { Format } from "../encode/mod.ts";

/** More names than this are no selection. */
export const MOST_NAMES = 100;

/** A query beyond this is not read. */
const MOST_CHARACTERS = 16_384;

/** Of the scraper's deadline: what collecting and sending may take. */
const SHARE = 0.1;
const MOST_SECONDS = 0.5;

/**
 * The values of `name[]` in the query, sorted, each once; undefined if there
 * are none, `"too many"` if there are too many to be served.
 */
export function wantedNames(
  url: string,
): readonly string[] | undefined | "too many" {
  const from = url.indexOf("?");
  if (from < 0) return undefined;
  if (url.length - from > MOST_CHARACTERS) return "too many";
  const query = new URLSearchParams(url.slice(from).replace(/#.*$/s, ""));
  const names = new Set(query.getAll("name[]"));
  if (names.size === 0) return undefined;
  return names.size > MOST_NAMES ? "too many" : [...names].sort();
}

/** Whether a family writes one of `names`, as it is or as `format` has it. */
export function familyFilter(
  names: readonly string[],
  { escaping }: Format,
): (desc: FamilyDesc) => boolean {
  const wanted = new Set(names);
  return (desc) =>
    [desc, escapedDesc(desc, escaping)].some((shown) =>
      exposedNames(shown).some((name) => wanted.has(name))
    );
}

/**
 * The seconds that sources have: as many as the handler grants, but a little
 * less than the scraper waits (`X-Prometheus-Scrape-Timeout-Seconds`).
 */
export function secondsToAnswer(
  header: string | null,
  granted: number,
): number {
  if (header === null || !/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(header)) {
    return granted;
  }
  const waits = Number(header);
  if (waits === 0) return granted;
  return Math.min(granted, waits - Math.min(SHARE * waits, MOST_SECONDS));
}
