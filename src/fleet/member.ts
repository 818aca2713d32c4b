/**
 * One member: publishes its registry, and answers with the sum of all slots.
 *
 * - Before each answer it publishes and then reads: an answer has only what was
 *   published, so a later answer of any member has at least as much.
 * - A tick publishes what has changed. So does each request, if that is cheap.
 * - Slower ticks read the other slots, for removals and for members that have died,
 *   and publish the sources that have to be collected.
 * - Nothing here keeps the process alive, and no scrape waits for another member.
 */
import type { Cancel } from "../base/mod.ts";
import type { FamilyDesc, ScrapeObserver, Sink, Source } from "../model/mod.ts";
import {
  collectUnchecked,
  type FleetSource,
  OBSERVER,
  observerOf,
  refreshParts,
  trustSource,
} from "../model/internal.ts";
import type { FleetPlatform } from "../platform/internal.ts";
import { Compaction } from "./compaction.ts";
import { EagerPublish } from "./eager_publish.ts";
import type { Counted } from "./publisher/counted.ts";
import { type Entry, slotPath, usedSlots } from "./entry_slot.ts";
import { type MemberMetrics, WholeMetrics } from "./fleet_metrics.ts";
import { Fold } from "./fold/fold.ts";
import { laterThan, Liveness } from "./liveness.ts";
import { type FleetSettings, MAX_MEMBERS } from "./options.ts";
import { Publisher } from "./publisher/publisher.ts";
import type { KnownRow } from "./publisher/image.ts";
import type { Pattern } from "./slot/labels.ts";
import type { SlotMeta } from "./slot/slot.ts";
import { SlotReader } from "./slot/slot_reader.ts";
import { SlotWriter } from "./slot/slot_writer.ts";

/** Seconds between two looks at the other members. */
const LOOK_SECONDS = 1;

/** Seconds between two collections of callbacks and other sources. */
const COLLECT_SECONDS = 5;

type Failed = (part: Source, error: unknown) => void;

const NONE: ReadonlySet<Source> = new Set();

/** The parts of a member that its registry keeps. */
interface MemberParts {
  readonly metrics: MemberMetrics;
  /** The counts of the registry when it left the same fleet. */
  readonly counted: Counted | undefined;
  /** Called when the claim of the slot is gone. */
  lost(): void;
}

/** A member that has its slot. */
export class Member implements FleetSource {
  readonly descs: readonly FamilyDesc[] = [];
  readonly own: Source;
  readonly slot: number;
  readonly metrics: MemberMetrics;
  readonly directory: string;
  readonly #lost: () => void;
  readonly #settings: FleetSettings;
  readonly #platform: FleetPlatform;
  readonly #entry: Entry;
  #joinedAt: number;
  readonly #incarnation: number;
  readonly #writer: SlotWriter;
  readonly #publisher: Publisher;
  readonly #compaction: Compaction;
  /** By slot; grows with the number of slots that have files. */
  readonly #readers: SlotReader[] = [];
  readonly #fold: Fold;
  readonly #liveness: Liveness;
  readonly #whole: WholeMetrics;
  readonly #eager: EagerPublish;
  readonly #cancels: Cancel[] = [];
  /** Whether something was taken that is not published. */
  #isDirty = true;
  #hasPublished = false;
  #isCollecting = false;
  /** Whether no member of the process has joined earlier. */
  #isFirst = true;
  /** When the slots were last read, by the monotonic clock. */
  #readAt = -Infinity;
  #ticks = 0;
  #hasEnded = false;

  constructor(
    own: Source,
    platform: FleetPlatform,
    directory: string,
    entry: Entry,
    settings: FleetSettings,
    { metrics, counted, lost }: MemberParts,
  ) {
    const { clock, timers } = settings;
    const { files } = platform;
    this.own = own;
    this.slot = entry.slot;
    this.#platform = platform;
    this.#entry = entry;
    this.#settings = settings;
    this.#joinedAt = clock.unix();
    this.metrics = metrics;
    this.directory = directory;
    this.#lost = lost;
    this.#writer = SlotWriter.open(files, slotPath(directory, entry.slot), {
      random: Math.random,
      owns: () => entry.claim.isHeld(),
    });
    const { found } = this.#writer;
    this.#incarnation = (found?.meta.incarnation ?? 0) + 1;
    this.#fold = new Fold({ maxMembers: MAX_MEMBERS });
    this.#liveness = new Liveness(
      (slot) => platform.claims.isOwned(directory, slot),
      entry.slot,
      settings,
    );
    this.#publisher = new Publisher(this.#writer, own, {
      clock,
      counted,
      slots: {
        removedOf: (name, labels) => this.#fold.removedOf(name, labels),
        rowsOf: (desc, pattern) => this.#rowsOf(desc, pattern),
      },
    });
    this.#compaction = new Compaction(this.#writer, this.#publisher);
    this.#eager = new EagerPublish(clock, timers, () => void this.flush());
    this.#whole = new WholeMetrics({
      ages: () => this.#liveness.ages(this.#readers),
      refused: () => this.#fold.refused,
    });
    trustSource(this);
  }

  get [OBSERVER](): ScrapeObserver | undefined {
    return observerOf(this.own);
  }

  get parts(): readonly Source[] {
    return [...this.#fold.parts, this.#whole];
  }

  collect(sink: Sink): void {
    for (const part of this.parts) collectUnchecked(part, sink);
  }

  /**
   * Begins: learns who lives, publishes, and starts the timers.
   *
   * @throws The error of the runtime if the first publish fails.
   */
  async start(): Promise<void> {
    const { interval, timers } = this.#settings;
    this.#read();
    this.#isFirst = !this.#readers.some((reader) => this.#isOfProcess(reader));
    await this.#liveness.look(this.#readers, true);
    this.#joinedAt = laterThan(this.#readers, this.#now);
    this.#read();
    this.#update();
    this.#publishFirst();
    this.#cancels.push(
      timers.every(interval, () => this.#tick()),
      this.#platform.onExit(() => this.#finish()),
    );
  }

  gather(absent: ReadonlySet<Source>, failed: Failed): void {
    this.publish(absent, failed);
    this.#read();
    this.#fold.setDead(this.#liveness.dead(this.#readers));
    this.#fold.settle();
  }

  /**
   * Publishes everything, also what has to be collected, except the parts in
   * `absent`. Returns whether all that was counted is published.
   */
  publish(absent: ReadonlySet<Source>, failed: Failed): boolean {
    this.#take({ all: true, absent, failed });
    return this.#write(false);
  }

  publishSoon(): void {
    this.#eager.request();
  }

  /** Publishes what was counted. Returns false if that failed. */
  flush(): boolean {
    this.#take({ all: false });
    return this.#write(false);
  }

  /**
   * Publishes for the last time, and gives the slot up. Returns what was counted;
   * undefined if the slot does not have it, or if the member has ended before.
   */
  end(): Counted | undefined {
    if (this.#hasEnded) return undefined;
    this.#finish();
    this.#hasEnded = true;
    for (const cancel of this.#cancels) cancel();
    this.#eager.cancel();
    const isCounted = this.#hasPublished && this.#writer.isThere();
    this.#writer.close();
    this.#entry.claim.release();
    const counted = this.#publisher.close();
    return isCounted ? counted : undefined;
  }

  #finish(): void {
    if (this.#hasEnded || !this.#hasPublished) return;
    this.#take({ all: true });
    this.#isDirty = true;
    this.#write(true);
  }

  #take(options: Parameters<Publisher["take"]>[0]): void {
    if (this.#hasEnded) return;
    try {
      if (this.#publisher.take(options)) this.#isDirty = true;
    } catch (error) {
      this.#isDirty = true;
      this.#fail(error);
    }
  }

  /** Writes what was taken; if nothing was, only that the member lives. */
  #write(hasLeft: boolean): boolean {
    if (this.#hasEnded) return false;
    try {
      if (!this.#isDirty && this.#writer.beat(this.#now)) return true;
      this.#publish(hasLeft);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #publishFirst(): void {
    const adopted = this.#writer.found === undefined ? 0 : 1;
    this.metrics.adopted += adopted;
    try {
      this.#take({ all: true, absent: NONE, failed: () => {} });
      this.#publish(false);
    } catch (error) {
      this.metrics.adopted -= adopted; // nobody has seen it
      throw error;
    }
  }

  #publish(hasLeft: boolean): void {
    this.#writer.publish(this.#meta(hasLeft), this.#now);
    this.#hasPublished = true;
    this.metrics.publishes++;
    this.metrics.bytes = this.#writer.bytes;
    // A member that goes on after a signal publishes again.
    this.#isDirty = hasLeft;
  }

  #fail(error: unknown): void {
    this.metrics.failed("publish", error);
  }

  get #now(): number {
    return this.#settings.clock.unix();
  }

  #meta(hasLeft: boolean): SlotMeta {
    return {
      incarnation: this.#incarnation,
      joinedAt: this.#joinedAt,
      process: this.#platform.process,
      run: this.#settings.run,
      hasLeft,
      declared: this.#publisher.declared,
    };
  }

  /** Reads all slots, also those that only a higher `maxMembers` allows. */
  #read(): void {
    const used = usedSlots(this.#platform, this.directory);
    const count = used === undefined
      ? this.#settings.maxMembers
      : Math.max(-1, ...used) + 1;
    for (let slot = this.#readers.length; slot < count; slot++) {
      this.#readers.push(this.#readerOf(slot));
    }
    for (const [slot, reader] of this.#readers.entries()) {
      const isUsed = used === undefined || used.has(slot) ||
        reader.state !== undefined;
      if (!isUsed) continue;
      this.#fold.take(slot, reader, reader.read());
    }
    this.#readAt = this.#settings.clock.mono();
    if (this.#hasEnded) return;
    for (const { name, labels, generation } of this.#fold.takeTombstones()) {
      this.#publisher.removed(name, labels, generation);
    }
    const { processCounts } = this.#publisher;
    processCounts.set(this.#leads(), this.#isFirst);
  }

  /** Returns whether a slot was last published by a member of this process. */
  #isOfProcess({ state }: SlotReader): boolean {
    return state?.meta.process === this.#platform.process;
  }

  /** Returns whether no live member of the process has joined earlier. */
  #leads(): boolean {
    const dead = this.#liveness.dead(this.#readers);
    return this.#readers.every((reader, slot) => {
      if (slot === this.slot || !this.#isOfProcess(reader)) return true;
      const { joinedAt } = reader.state!.meta;
      return dead.has(slot) || joinedAt > this.#joinedAt ||
        (joinedAt === this.#joinedAt && slot > this.slot);
    });
  }

  /** Returns rows of all slots: no older than those that members publish anyway. */
  #rowsOf(desc: FamilyDesc, pattern: Pattern): Iterable<KnownRow> {
    const { clock, interval } = this.#settings;
    if (clock.mono() - this.#readAt >= interval) this.#read();
    return this.#fold.rowsOf(desc, pattern);
  }

  #readerOf(slot: number): SlotReader {
    const path = slotPath(this.directory, slot);
    return new SlotReader(
      this.#platform.files,
      path,
      (reason, error) => this.metrics.unread(path, reason, error),
    );
  }

  #tick(): void {
    this.flush();
    const { interval } = this.#settings;
    const tick = this.#ticks++;
    if (tick % ticksIn(LOOK_SECONDS, interval) === 0) void this.#look();
    if (tick % ticksIn(COLLECT_SECONDS, interval) === 0) void this.#collect();
  }

  /** Looks at the other members. Never rejects. */
  async #look(): Promise<void> {
    if (!this.#entry.claim.isHeld()) return this.#lost();
    try {
      this.#read();
      await this.#liveness.look(this.#readers, false);
      this.#update();
      this.#compact();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes over what a look has shown. */
  #update(): void {
    if (this.#hasEnded) return;
    this.#fold.setDead(this.#liveness.dead(this.#readers));
    this.#fold.settle();
  }

  /** Refreshes and publishes the sources that have to be collected. */
  async #collect(): Promise<void> {
    if (this.#isCollecting) return;
    this.#isCollecting = true;
    const late = new AbortController();
    const cancel = this.#settings.timers.after(
      COLLECT_SECONDS,
      () => late.abort(),
    );
    try {
      const absent = await refreshParts(this.own, late.signal);
      this.publish(absent, () => {}); // the registry counts failures itself
    } catch (error) {
      this.#fail(error);
    } finally {
      cancel();
      this.#isCollecting = false;
    }
  }

  /** Rewrites the file if most lines of its log are no longer used. */
  #compact(): void {
    if (this.#isDirty) return;
    const others = this.#readers.filter((_, slot) => slot !== this.slot);
    this.#isDirty = this.#compaction.run(() => others.map((it) => it.state));
  }
}

function ticksIn(seconds: number, interval: number): number {
  return Math.max(1, Math.round(seconds / interval));
}
