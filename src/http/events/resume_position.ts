/** Where a client wants a feed to resume, and which topics it selects. */

/** A longer position is ignored. */
const MAX_POSITION = 128;
const MAX_TOPICS = 32;
const MAX_TOPIC = 64;

/**
 * Returns the `after` option of `Bus.subscribe` for the position that a client
 * sends: `Last-Event-ID`, which browsers send by themselves, before `since`.
 * Without a readable position it is 0, which means all events that the bus has.
 */
export function resumeAfter(
  lastEventId: string | null,
  since: string | null,
  newest: number,
): number | string {
  const text = (lastEventId || since || "").slice(0, MAX_POSITION + 1);
  if (text.length > MAX_POSITION) return 0;
  if (/^[A-Za-z0-9_.-]{1,64}:[0-9]{1,20}$/.test(text)) return text;
  if (!/^[0-9]{1,20}$/.test(text)) return 0;
  // An id beyond the newest belongs to an earlier epoch.
  return Number(text) > newest ? `:${text}` : Number(text);
}

/** Returns the topics that a client selects; undefined for all. */
export function selectedTopics(
  list: string | null,
): readonly string[] | undefined {
  if (list === null) return undefined;
  const topics = list.slice(0, MAX_TOPICS * (MAX_TOPIC + 1)).split(",");
  return topics.slice(0, MAX_TOPICS)
    .filter((topic) => topic !== "" && topic.length <= MAX_TOPIC);
}
