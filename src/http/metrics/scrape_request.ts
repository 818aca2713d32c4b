/**
 * Stage 1 of a scrape: reads which families a scraper selects and how long it
 * waits. All of this is untrusted input, and is read up to a limit.
 */
import type { FamilyDesc } from "../../model/mod.ts";
import { escapedDesc, exposedNames } from "../../model/internal.ts";
import type { Format } from "../../encode/mod.ts";
import type { Coding } from "./compression.ts";

/** The parameters of one scrape. */
export interface ScrapeRequest {
  readonly format: Format;
  /** The content coding; undefined for none. */
  readonly coding: Coding | undefined;
  /** Exposed names of the families to write; undefined for all families. */
  readonly names: readonly string[] | undefined;
  /** Seconds that asynchronous sources have to refresh. */
  readonly seconds: number;
}

/** The maximum number of names in a selection. */
export const MAX_NAMES = 100;

/** The maximum length of a query; a longer one is refused. */
const MAX_QUERY_CHARACTERS = 16_384;

/** The share of the scraper's timeout that is left for writing and sending. */
const MARGIN_RATIO = 0.1;
const MAX_MARGIN_SECONDS = 0.5;

/**
 * The shortest timeout of a scraper. Anyone can send a shorter one, by which
 * every source that refreshes would be counted as late.
 */
const MIN_WAIT_SECONDS = 0.1;

/**
 * Returns the distinct values of `name[]` in `query`, sorted; undefined if there
 * are none, `"too many"` if there are more than `MAX_NAMES` or the query is too
 * long. `query` is the rest of a URL from its `?` on; a fragment is ignored.
 */
export function selectedNames(
  query: string,
): readonly string[] | undefined | "too many" {
  if (query.length > MAX_QUERY_CHARACTERS) return "too many";
  const parameters = new URLSearchParams(query.replace(/#.*$/s, ""));
  const names = new Set(parameters.getAll("name[]"));
  if (names.size === 0) return undefined;
  return names.size > MAX_NAMES ? "too many" : [...names].sort();
}

/** Returns whether `query` asks for one member of a fleet. */
export function isOfMember(query: string): boolean {
  return new URLSearchParams(query.replace(/#.*$/s, "")).get("fleet") ===
    "self";
}

/**
 * Returns a filter for the families that expose one of `names`, either as
 * declared or as `format` escapes it.
 */
export function familyFilter(
  names: readonly string[],
  { escaping }: Format,
): (desc: FamilyDesc) => boolean {
  const selected = new Set(names);
  return (desc) =>
    [desc, escapedDesc(desc, escaping)].some((exposed) =>
      exposedNames(exposed).some((name) => selected.has(name))
    );
}

/**
 * Returns the seconds that sources have to refresh: `timeout`, or slightly less
 * than the scraper waits (`X-Prometheus-Scrape-Timeout-Seconds`) if that is
 * shorter.
 */
export function refreshSeconds(header: string, timeout: number): number {
  if (!/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(header)) {
    return timeout;
  }
  if (Number(header) === 0) return timeout;
  const wait = Math.max(Number(header), MIN_WAIT_SECONDS);
  return Math.min(
    timeout,
    wait - Math.min(MARGIN_RATIO * wait, MAX_MARGIN_SECONDS),
  );
}
