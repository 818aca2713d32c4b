/**
 * Keeps the store up to date: the feed for what is new, `history` for the past of
 * the families that a view wants.
 */
import type { FamilyId, History } from "../../src/dashboard/protocol.ts";
import { Refused, type Server } from "./api.ts";
import { type Address, type Changes, RANGES } from "./app.ts";
import { Feed, type FeedMessage } from "./feed.ts";
import type { PenState } from "./pen.ts";
import { LiveStore } from "./store.ts";
import { utc } from "./units.ts";
import { familiesOf } from "./want.ts";

/** Seconds without frames after which histories are read again. */
const LONG_CUT = 30;

/** Seconds for which the pen says that the program was restarted. */
const RESTARTED_FOR = 10;

/** Seconds until a history that failed is asked for again. */
const HISTORY_RETRY = 3;

/** Seconds of the longest range that has columns of a second. */
const FINEST_RANGE = 300;

/** Actions of the shell that the feed calls. */
export interface LiveEvents {
  mark(...names: readonly (keyof Changes)[]): void;
  /** A frame has come. */
  onFrame(): void;
  /** The state of the pen may be another. */
  onState(): void;
  /** The key is missing or wrong. */
  onRefused(): void;
}

/** Seconds of a clock that never goes back. */
function mono(): number {
  return performance.now() / 1000;
}

function after(seconds: number, work: () => void): () => void {
  const timer = setTimeout(work, seconds * 1000);
  return () => clearTimeout(timer);
}

/** The connection of the page to its program. */
export class Live {
  readonly store: LiveStore;
  readonly #server: Server;
  readonly #events: LiveEvents;
  readonly #feed: Feed;
  #isShown = false;
  #want = "";
  #range: Address["range"] = "15m";
  /** The range of the histories that were asked for last. */
  #loadedRange = "";
  /** Names the request for histories that is under way; empty if none. */
  #loading = "";
  /** Unix time of the server at a time of `mono()`. */
  #clock: { readonly unix: number; readonly mono: number } | undefined;
  #lastFrame = 0;
  #liveSince = 0;
  #restarted: { readonly at: number; readonly until: number } | undefined;

  constructor(server: Server, events: LiveEvents) {
    this.#server = server;
    this.#events = events;
    this.store = new LiveStore((...names) => events.mark(...names));
    this.#feed = new Feed({
      open: (path, signal) => server.open(path, signal),
      isRefused: (error) => error instanceof Refused,
      after,
      now: mono,
      random: Math.random,
      onMessage: (message) => this.#take(message),
      onState: ({ kind }) => {
        if (kind === "live") this.#liveSince = mono();
        if (kind === "refused") events.onRefused();
        events.onState();
      },
    });
    this.#followVisibility();
    setInterval(() => this.#tick(), 1000);
  }

  /** Bytes that the feed has brought. */
  get bytes(): number {
    return this.#feed.bytes;
  }

  /** Unix time of the server; 0 before its first message. */
  get now(): number {
    const clock = this.#clock;
    return clock === undefined ? 0 : clock.unix + mono() - clock.mono;
  }

  get pen(): PenState {
    const state = this.#feed.state;
    switch (state.kind) {
      case "paused":
        return {
          kind: "paused",
          behind: this.#lastFrame === 0 ? 0 : mono() - this.#lastFrame,
        };
      case "waiting":
        return { kind: "waiting", seconds: Math.max(0, state.until - mono()) };
      case "live":
        return this.#restarted !== undefined && mono() < this.#restarted.until
          ? { kind: "restarted", at: utc.minutes(this.#restarted.at) }
          : { kind: "live" };
      default:
        return { kind: "connecting" };
    }
  }

  /** Asks for what a view wants, over a range. */
  show(want: string, range: Address["range"]): void {
    if (want === this.#want && range === this.#range && this.#isShown) return;
    this.#isShown = true;
    this.#want = want;
    this.#range = range;
    this.store.setWanted(familiesOf(want, this.store.families));
    this.#feed.want(want);
    this.#load();
  }

  /** Pauses, goes on, or tries again now: what a click on the pen does. */
  press(): void {
    const { kind } = this.#feed.state;
    if (kind === "paused") {
      this.#forgetIfOld();
      this.#feed.resume();
    } else if (kind === "live") this.#feed.pause();
    else this.#feed.open();
  }

  /** Opens the feed again, with another key. */
  reopen(): void {
    this.#feed.open();
  }

  #followVisibility(): void {
    const follow = () => {
      if (document.hidden) return this.#feed.hide();
      this.#forgetIfOld();
      this.#feed.show();
    };
    document.addEventListener("visibilitychange", follow);
    // Chromium freezes hidden tabs; their timers stop before ours may end.
    document.addEventListener("freeze", () => this.#feed.sleep());
    document.addEventListener("resume", follow);
    addEventListener("pagehide", () => this.#feed.sleep());
    addEventListener("pageshow", follow);
    if (document.hidden) this.#feed.hide();
  }

  /** After a long cut the histories are exact, and smaller than all frames. */
  #forgetIfOld(): void {
    if (this.#feed.state.kind === "live") return;
    if (this.#lastFrame === 0 || mono() - this.#lastFrame < LONG_CUT) return;
    this.#feed.forget();
    this.store.setAllStale();
  }

  #tick(): void {
    const { kind } = this.#feed.state;
    if (kind === "live") this.#refine();
    else if (kind !== "paused") this.store.moveTo(this.now);
    this.#events.onState();
  }

  /**
   * Loads a short range again when the server has its seconds: it samples them
   * while a page is open, and answers in columns of 10 s before.
   */
  #refine(): void {
    const range = RANGES[this.#range];
    if (this.store.axis.step === 1 || range > FINEST_RANGE) return;
    if (mono() - this.#liveSince < range + 5) return;
    this.#liveSince = mono();
    this.#loadedRange = "";
    this.#load();
  }

  #take(message: FeedMessage): void {
    const { store } = this;
    switch (message.name) {
      case "hello": {
        const { now } = message.data;
        this.#clock = { unix: now, mono: mono() };
        if (store.setHello(message.data)) {
          this.#restarted = { at: now, until: mono() + RESTARTED_FOR };
          this.#events.onState();
        }
        this.#load();
        return;
      }
      case "names":
        store.addNames(message.data);
        this.#load();
        return;
      case "gone":
        return store.remove(message.data);
      case "d":
        this.#clock = { unix: message.data.t, mono: mono() };
        this.#lastFrame = mono();
        store.addFrame(message.data);
        return this.#events.onFrame();
      case "gap":
        // The totals have changed meanwhile: only histories know them.
        store.addGap(message.data);
        store.setAllStale();
        return this.#load();
      case "findings":
        return store.setFindings(message.data);
      case "trace":
        return store.addTrace(message.data);
      case "ev":
      case "evgap":
        return store.addEvent(message.data);
      case "health":
        return store.setHealth(message.data);
    }
  }

  /** Loads the families that are wanted and not there. */
  #load(): void {
    const { store } = this;
    if (store.hello === null) return;
    const isOtherRange = this.#loadedRange !== this.#range;
    const missing = [...familiesOf(this.#want, store.families)].filter((id) =>
      isOtherRange || !store.isFresh(id)
    );
    if (missing.length === 0) return;
    const key = `${store.hello.epoch} ${this.#range} ${missing.join()}`;
    if (key === this.#loading) return;
    this.#loading = key;
    void this.#fetch(missing, this.#range, key);
  }

  async #fetch(
    families: readonly FamilyId[],
    range: Address["range"],
    key: string,
  ): Promise<void> {
    const { store } = this;
    let history: History | undefined;
    store.beginLoad();
    try {
      history = await this.#server.get<History>(
        `history?f=${families.join()}&range=${RANGES[range]}`,
      );
    } catch (error) {
      if (error instanceof Refused) this.#events.onRefused();
    }
    const isCurrent = this.#loading === key;
    store.endLoad(isCurrent ? history : undefined);
    if (!isCurrent) return;
    if (history !== undefined) this.#loadedRange = range;
    // Not at once: an answer may lack a family that has ended meanwhile.
    after(HISTORY_RETRY, () => {
      if (this.#loading === key) this.#loading = "";
      this.#load();
    });
  }
}
