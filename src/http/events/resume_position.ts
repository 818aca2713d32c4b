/** Parses the position at which a client resumes a feed, and its topics. */

/** The maximum length of a position; a longer one is ignored. */
const MAX_POSITION = 128;
const MAX_TOPICS = 32;
/** The maximum length of a topic; a longer one is ignored. */
const MAX_TOPIC = 64;

/**
 * Returns the `after` option of `Bus.subscribe` for the position of a client:
 * `Last-Event-ID`, which browsers send when they reconnect, or else `since`.
 * Returns 0 without a readable position: the client gets all buffered events.
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

/** Returns the topics that a client selects; undefined if it selects none. */
export function selectedTopics(
  list: string | null,
): readonly string[] | undefined {
  if (list === null) return undefined;
  const topics = list.slice(0, MAX_TOPICS * (MAX_TOPIC + 1)).split(",");
  return topics.slice(0, MAX_TOPICS)
    .filter((topic) => topic !== "" && topic.length <= MAX_TOPIC);
}
