/** Where a client wants a feed to begin, and which topics it wants. */

/** The longest position that is looked at. */
const MOST_POSITION = 128;
const MOST_TOPICS = 32;
const MOST_TOPIC = 64;

/**
 * What `Bus.subscribe` takes as `after`, by what a client said last: in
 * `Last-Event-ID`, which a browser sends by itself, or else in `since`. Where it
 * says nothing, or nothing that can be read, everything that is kept.
 */
export function wantedAfter(
  lastEventId: string | null,
  since: string | null,
  newest: number,
): number | string {
  const text = (lastEventId || since || "").slice(0, MOST_POSITION + 1);
  if (text.length > MOST_POSITION) return 0;
  if (/^[A-Za-z0-9_.-]{1,64}:[0-9]{1,20}$/.test(text)) return text;
  if (!/^[0-9]{1,20}$/.test(text)) return 0;
  // Nothing of this life can have that id: it was another one's.
  return Number(text) > newest ? `:${text}` : Number(text);
}

/** The topics that a client names; undefined for all. */
export function wantedTopics(
  named: string | null,
): readonly string[] | undefined {
  if (named === null) return undefined;
  const topics = named.slice(0, MOST_TOPICS * (MOST_TOPIC + 1)).split(",");
  return topics.slice(0, MOST_TOPICS)
    .filter((topic) => topic !== "" && topic.length <= MOST_TOPIC);
}
