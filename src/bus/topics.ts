/**
 * Counts of events by topic, for any number of topics.
 *
 * - The first `MAX_LISTED` topics that are published are listed for good. Events
 *   of all others are also counted together.
 * - A topic that is not listed is forgotten when the ring has none of its events
 *   and no open subscription reads it. So names that are made up as the program
 *   runs, even by its clients, do not grow without a limit.
 * - A topic that may have been forgotten starts with the number of all forgotten
 *   events: its counts are upper bounds then, and their differences are exact.
 */
import { cutText, display } from "../base/internal.ts";

/** The maximum number of topics that are listed. */
export const MAX_LISTED = 1000;

/** The maximum length of a topic; a longer one is cut. */
const MAX_TOPIC = 256;

/** Counts of one topic. */
export interface TopicCounts {
  published: number;
  evicted: number;
}

interface Topic extends TopicCounts {
  readonly name: string;
  /** The number of events that were counted at the start; see above. */
  readonly base: number;
  isListed: boolean;
  /** The number of open subscriptions that read the topic. */
  subscriptions: number;
}

/** Returns the name under which `topic` is counted. */
export function topicName(topic: string): string {
  if (typeof topic === "string" && topic.length <= MAX_TOPIC) return topic;
  return cutText(
    typeof topic === "string" ? topic : display(topic),
    MAX_TOPIC,
  );
}

/** The topics of one bus. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  #listed = 0;
  #unlisted = 0;
  #forgotten = 0;
  /** The number of topics at which those are forgotten that can be. */
  #limit = 2 * MAX_LISTED;

  /** The number of topics whose counts are kept. */
  get size(): number {
    return this.#topics.size;
  }

  /** The number of published events whose topics are not listed. */
  get unlisted(): number {
    return this.#unlisted;
  }

  /** Returns the number of published events of each listed topic. */
  published(): ReadonlyMap<string, number> {
    const published = new Map<string, number>();
    for (const { name, published: count, isListed } of this.#topics.values()) {
      if (isListed) published.set(name, count);
    }
    return published;
  }

  /** Counts a published event. */
  addPublished(name: string): void {
    const topic = this.#topics.get(name);
    if (topic?.isListed === true) topic.published++;
    else this.#addUnlisted(topic ?? this.#make(name));
  }

  /** Counts an evicted event, which was published before. */
  addEvicted(name: string): void {
    this.#topics.get(name)!.evicted++;
  }

  /** Returns the counts of topics that a subscription reads until `release`. */
  retain(names: Iterable<string>): readonly TopicCounts[] {
    return Array.from(names, (name) => {
      const topic = this.#topics.get(name) ?? this.#make(name);
      topic.subscriptions++;
      return topic;
    });
  }

  release(counts: readonly TopicCounts[]): void {
    for (const topic of counts as readonly Topic[]) topic.subscriptions--;
  }

  #addUnlisted(topic: Topic): void {
    topic.published++;
    if (this.#listed < MAX_LISTED) {
      topic.isListed = true;
      this.#listed++;
    } else this.#unlisted++;
  }

  #make(name: string): Topic {
    if (this.#topics.size >= this.#limit) this.#forget();
    const base = this.#forgotten;
    const topic: Topic = {
      name,
      base,
      published: base,
      evicted: base,
      isListed: false,
      subscriptions: 0,
    };
    this.#topics.set(name, topic);
    return topic;
  }

  #forget(): void {
    for (const topic of this.#topics.values()) {
      const { name, isListed, subscriptions, published, evicted } = topic;
      if (isListed || subscriptions > 0 || published > evicted) continue;
      this.#topics.delete(name);
      this.#forgotten += published - topic.base;
    }
    // Twice, so that the passes cost a constant time for each new topic.
    this.#limit = 2 * Math.max(MAX_LISTED, this.#topics.size);
  }
}
