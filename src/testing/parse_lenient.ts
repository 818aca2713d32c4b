/**
 * A lenient parser of Prometheus text 0.0.4 and 1.0.0 and of OpenMetrics 1.0: it
 * reads what the scrape parsers of Prometheus 3 read, and refuses what they
 * refuse.
 *
 * - Nothing of a type is checked: neither suffixes, buckets, counts nor values.
 * - Families may be interleaved; metadata may be late, repeated or missing. The
 *   last metadata count.
 */
import { LenientLines, type Refuse } from "./lenient_lines.ts";
import type { ParsedFamily } from "./parse_family.ts";
import type { Dialect, ParsedMetadata, ParsedSample } from "./parse_lines.ts";
import { suffixesOf } from "./parse_rules.ts";

/** A family under construction. */
interface Draft {
  readonly name: string;
  readonly metadata: Partial<Record<ParsedMetadata["keyword"], string>>;
  readonly samples: ParsedSample[];
}

const SUFFIX = /_(?:bucket|g?count|g?sum|total|created|info)$/;

/** Parses a body leniently; `refuse` throws the error of a body at an offset. */
export function parseLenient(
  body: string,
  dialect: Dialect,
  refuse: Refuse,
): readonly ParsedFamily[] {
  const text = body.endsWith("\n") ? body : `${body}\n`;
  const lines = new LenientLines(text, dialect, refuse);
  const entries: (ParsedMetadata | ParsedSample)[] = [];
  const types = new Map<string, string>();
  const untyped = dialect === "openmetrics-1.0.0" ? "unknown" : "untyped";
  for (let next = lines.next(); next !== undefined; next = lines.next()) {
    entries.push(next);
    if (!("keyword" in next)) continue;
    const { keyword, family, text } = next;
    if (keyword === "TYPE") types.set(family, text);
    else if (!types.has(family)) types.set(family, untyped);
  }
  // All types are known now: they may stand behind the samples.
  const familyOf = (sample: string): string => {
    const [suffix] = SUFFIX.exec(sample) ?? [];
    if (suffix === undefined || types.has(sample)) return sample;
    const stem = sample.slice(0, -suffix.length);
    const type = types.get(stem);
    const suffixes = type === undefined ? [] : suffixesOf(type, dialect) ?? [];
    return suffixes.includes(suffix) ? stem : sample;
  };
  const drafts = new Map<string, Draft>();
  const draftOf = (name: string): Draft => {
    let draft = drafts.get(name);
    if (draft === undefined) {
      drafts.set(name, draft = { name, metadata: {}, samples: [] });
    }
    return draft;
  };
  for (const entry of entries) {
    if ("keyword" in entry) {
      draftOf(entry.family).metadata[entry.keyword] = entry.text;
    } else draftOf(familyOf(entry.name)).samples.push(entry);
  }
  return [...drafts.values()].map(({ name, metadata, samples }) => ({
    name,
    type: metadata.TYPE ?? untyped,
    help: metadata.HELP ?? "",
    unit: metadata.UNIT ?? "",
    samples,
  }));
}
