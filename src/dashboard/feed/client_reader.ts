/**
 * One client of the feed: cursors in the logs of frames, events and traces.
 *
 * - Each change is sent once, in order, or lies in a gap that is reported.
 * - A family or series is named before the first message that mentions it.
 */
import type { Ring } from "../../base/internal.ts";
import type { BusEvent, Subscription } from "../../bus/mod.ts";
import type { Bytes, FeedReader } from "../../http/internal.ts";
import type { FamilyId, SeriesId, SeriesInfo } from "../protocol.ts";
import {
  type Columns,
  deltaJson,
  type FrameTexts,
  goneMessage,
  message,
  namesMessage,
} from "./frame_texts.ts";
import type { FeedParts } from "./parts.ts";
import type { Position } from "./position.ts";
import type { StateText } from "./state_text.ts";
import type { Want } from "./want.ts";

/** Characters from which on a chunk is complete. */
const CHUNK = 65_536;

/** Seconds after which the bounds and the cost of the history are sent again. */
const HELLO_EVERY = 60;

const encoder = new TextEncoder();

/** The logs of a feed, in which its clients are cursors. */
export interface FeedLogs {
  readonly parts: FeedParts;
  readonly findings: StateText;
  readonly health: StateText;
  /** The traces that have ended while somebody read, as JSON. */
  readonly traces: Ring<string>;
  /** The newest frame; undefined before the first one. */
  readonly newest: FrameTexts | undefined;
  /** Number of the last frame that had names or removed series. */
  readonly namesSeq: number;
  /** Returns the series that were removed by the frames after `from`, to `to`. */
  gone(from: number, to: number): SeriesId[];
}

/** Reads what one client wants. */
export class ClientReader implements FeedReader {
  readonly want: Want;
  readonly #feed: FeedLogs;
  /** The position from which the client resumes, if it does. */
  readonly #after: Position | undefined;
  // deno-lint-ignore no-explicit-any -- events of any topics
  readonly #events: Subscription<BusEvent<any>> | undefined;
  #eventState: "unknown" | "none" | "awaited" | "ended" = "unknown";
  #isGreeted = false;
  /** Number of the newest frame at the last `hello`. */
  #helloAt = 0;
  #isCancelled = false;
  /** Number of the last frame that was sent. */
  #seq: number;
  /** Number of the newest frame when all frames were sent. */
  #checked = -1;
  /** Number of the last trace that was sent. */
  #trace: number;
  /** Number of the newest frame when all names were sent. */
  #named = -1;
  #findings = 0;
  #health = 0;
  #families: ReadonlySet<FamilyId> = new Set();
  /** Stands for `#families`. */
  #key = "";
  #waiting: ((hasMore: boolean) => void) | undefined;

  constructor(feed: FeedLogs, want: Want, after: Position | undefined) {
    const { bus, history } = feed.parts;
    this.#feed = feed;
    this.want = want;
    this.#after = after;
    this.#seq = Math.min(after?.seq ?? Infinity, history.seq);
    this.#trace = Math.min(after?.trace ?? Infinity, feed.traces.newest);
    this.#events = want.events
      ? bus?.subscribe({
        after: after?.event ?? 0,
        buffer: bus.stats().capacity,
        topics: want.topics,
      })
      : undefined;
    if (this.#events === undefined) this.#eventState = "ended";
  }

  ready(): Promise<boolean> {
    if (this.#isCancelled) return Promise.resolve(false);
    if (this.#hasNews()) return Promise.resolve(true);
    this.#awaitEvents();
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** Called when there may be something new. */
  wake(): void {
    if (!this.#isCancelled && !this.#hasNews()) return;
    this.#waiting?.(!this.#isCancelled);
    this.#waiting = undefined;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#events?.cancel();
    this.wake();
  }

  chunk(): Bytes | undefined {
    if (this.#isCancelled) return undefined;
    try {
      const text = this.#isGreeted ? this.#news() : this.#greeting();
      return text === "" ? undefined : encoder.encode(text);
    } catch {
      this.cancel(); // the feed ends between two messages
      return undefined;
    }
  }

  #hasNews(): boolean {
    const { findings, health, parts, traces } = this.#feed;
    const { want } = this;
    return !this.#isGreeted || this.#checked < parts.history.seq ||
      this.#findings < findings.version ||
      want.health && this.#health < health.version ||
      want.traces && this.#trace < traces.newest ||
      this.#eventState === "unknown";
  }

  #greeting(): string {
    this.#isGreeted = true;
    return this.#hello() + this.#names() + this.#states();
  }

  #hello(): string {
    const { hello, history } = this.#feed.parts;
    this.#helloAt = history.seq;
    return message("hello", JSON.stringify(hello()), this.#id());
  }

  #news(): string {
    const isOld = this.#feed.parts.history.seq - this.#helloAt >= HELLO_EVERY;
    let text = this.#frames() + this.#states();
    // Last: its id is that of the frames before it.
    if (isOld) text += this.#hello();
    if (this.want.traces) text += this.#traces(CHUNK - text.length);
    return text + this.#bus(CHUNK - text.length);
  }

  /** Returns the id of a message after which the client is where it is now. */
  #id(): string {
    const id = `${this.#feed.parts.history.epoch}:${this.#seq}`;
    const { events, traces } = this.want;
    // A client that turns to something else returns to its position later.
    const event = this.#events?.cursor ?? this.#after?.event;
    if (!events && !traces && event === undefined) return id;
    return `${id}:${event ?? 0}:${this.#trace}`;
  }

  /** Returns the message of all names, and finds the families that are wanted. */
  #names(also: readonly SeriesInfo[] = []): string {
    const { history } = this.#feed.parts;
    const wanted = this.#wanted();
    this.#families = wanted;
    this.#key = [...wanted].join();
    this.#named = history.seq;
    const f = [...history.families.values()];
    return namesMessage(
      { f, s: [...history.names(wanted).s, ...also] },
      wanted,
    );
  }

  #wanted(): ReadonlySet<FamilyId> {
    const { families, overview } = this.want;
    const wanted = new Set<FamilyId>();
    for (const { id, role } of this.#feed.parts.history.families.values()) {
      if (families.has(id) || overview && role !== null) wanted.add(id);
    }
    return wanted;
  }

  #states(): string {
    const { findings, health } = this.#feed;
    let text = "";
    if (this.#findings < findings.version) {
      this.#findings = findings.version;
      text += findings.text;
    }
    if (this.want.health && this.#health < health.version) {
      this.#health = health.version;
      text += health.text;
    }
    return text;
  }

  #frames(): string {
    const { newest, parts: { history } } = this.#feed;
    if (this.#checked >= history.seq) return "";
    if (newest === undefined || this.#seq < newest.before) {
      return this.#missed();
    }
    this.#checked = history.seq;
    const { frame } = newest;
    if (frame.seq <= this.#seq) return "";
    this.#seq = frame.seq;
    // A new family, or a new role of one, can change what is wanted.
    const isSame = frame.names.f.length === 0 ||
      [...this.#wanted()].join() === this.#key;
    const all = isSame ? "" : this.#names();
    this.#named = frame.seq;
    const { names, gap, delta } = newest.texts(this.#families, this.#key);
    return (all || names) + gap + message("d", delta, this.#id()) +
      goneMessage(frame.gone);
  }

  /** Returns the frames that came while the client was away, or did not read. */
  #missed(): string {
    const { history } = this.#feed.parts;
    const from = this.#seq;
    const isStale = this.#named < this.#feed.namesSeq;
    if (isStale) this.#families = this.#wanted();
    const { gaps, frames } = history.after(from, this.#families);
    const existing = new Set(
      history.names(this.#families).s.map(({ id }) => id),
    );
    // Series that have been removed since are in no list of names.
    const removed = [...idsIn(frames)].filter((id) => !existing.has(id))
      .flatMap((id) => history.series(id) ?? []);
    let text = isStale
      ? this.#names(removed)
      : namesMessage({ f: [], s: removed }, this.#families);
    let sentGaps = 0;
    const gapsBefore = (time: number): string => {
      let text = "";
      while (sentGaps < gaps.length && gaps[sentGaps]!.from < time) {
        text += message("gap", JSON.stringify(gaps[sentGaps++]));
      }
      return text;
    };
    let sent = 0;
    for (const frame of frames) {
      if (text.length >= CHUNK) break;
      this.#seq = frame.seq;
      text += gapsBefore(frame.t) +
        message("d", deltaJson(frame, this.#families), this.#id());
      sent++;
    }
    if (sent === frames.length) {
      text += gapsBefore(Infinity);
      this.#checked = this.#seq = history.seq;
    }
    const gone = this.#feed.gone(from, this.#seq);
    return text + goneMessage(gone.filter((id) => !existing.has(id)));
  }

  #traces(room: number): string {
    const { traces } = this.#feed;
    let text = "";
    while (this.#trace < traces.newest && text.length < room) {
      this.#trace = Math.max(this.#trace + 1, traces.oldest);
      text += message("trace", traces.get(this.#trace)!, this.#id());
    }
    return text;
  }

  #bus(room: number): string {
    const { clock, events } = this.#feed.parts;
    let text = "";
    while (this.#eventState === "unknown" && text.length < room) {
      const item = this.#events!.read();
      if (item === undefined) {
        this.#eventState = "none";
      } else if (item.gap === undefined) {
        const json = events!.json(item, clock.unix());
        if (json !== undefined) text += message("ev", json, this.#id());
      } else {
        text += message("evgap", JSON.stringify(item), this.#id());
      }
    }
    return text;
  }

  #awaitEvents(): void {
    if (this.#eventState !== "none") return;
    this.#eventState = "awaited";
    void this.#events!.ready().then((hasMore) => {
      this.#eventState = hasMore ? "unknown" : "ended";
      this.wake();
    });
  }
}

/** Returns the series that frames mention. */
function idsIn(frames: readonly Columns[]): Set<SeriesId> {
  const ids = new Set<SeriesId>();
  for (const { changes } of frames) {
    for (const list of changes.values()) {
      for (const [id] of list) ids.add(id);
    }
  }
  return ids;
}
