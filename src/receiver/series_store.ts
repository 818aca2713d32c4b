/**
 * All received series, by family and by sender, within limits.
 *
 * - A sender that has not sent for `expiry` seconds leaves with its series. A
 *   single series leaves after the same time, unless it is a sum of differences:
 *   those are sent only when they change, and leave when others need the room.
 * - A family exists as long as it has series. The names of families never clash
 *   with those of the registry, which has the older right.
 */
import type { FamilyConflictError } from "../base/mod.ts";
import { errorMessage } from "../base/internal.ts";
import { type FamilyDesc, Labels } from "../model/mod.ts";
import { ExposedNames } from "../model/internal.ts";
import type { Origin } from "./attributes.ts";
import { type SeriesLabels, seriesLabels } from "./labelling.ts";
import type { Limits } from "./options.ts";
import {
  type FamilyTerms,
  ReceivedFamily,
  type Sender,
  type Series,
} from "./received_family.ts";
import { invalid, Rejection } from "./rejection.ts";
import {
  type Point,
  replace,
  sizeOf,
  startOf,
  sumOf,
} from "./series_values.ts";

/** The fraction of `expiry` after which series are searched again. */
const SWEEP = 1 / 16;

/** The only point of a series of `target_info`. */
const INFO: Point = {
  value: 1,
  exemplar: undefined,
  isDelta: false,
  start: 0,
  time: 0,
};

/** Deviations of differences from a line without gaps. */
export type DeltaFault = "gap" | "overlap" | "duplicate";

/** Holds the received series. */
export class SeriesStore {
  readonly families: Map<string, ReceivedFamily> = new Map();
  readonly senders: Map<string, Sender> = new Map();
  readonly faults: Record<DeltaFault, number> = {
    gap: 0,
    overlap: 0,
    duplicate: 0,
  };
  /** The number of series; without those of `target_info`. */
  size = 0;
  readonly #limits: Limits;
  readonly #claim: (desc: FamilyDesc) => void;
  /** The bytes that all series take, about. */
  #bytes = 0;
  /** Whether a point was rejected since the last sweep, because of `#bytes`. */
  #isTight = false;
  readonly #names = new ExposedNames();
  #nextSweep = 0;

  /** `claim` throws if the registry has a family that writes the same names. */
  constructor(limits: Limits, claim: (desc: FamilyDesc) => void) {
    this.#limits = limits;
    this.#claim = claim;
  }

  /** Returns the sender of that origin, which has just sent. */
  sender({ labels }: Origin, now: number): Sender | Rejection {
    const { key } = seriesLabels(labels);
    const known = this.senders.get(key);
    if (known !== undefined) {
      known.seen = now;
      return known;
    }
    const { maxSenders } = this.#limits;
    if (this.senders.size >= maxSenders) {
      return new Rejection("limit", `there are ${maxSenders} senders already`);
    }
    const sender = { labels, series: new Set<Series>(), info: undefined };
    const made: Sender = { ...sender, seen: now };
    this.senders.set(key, made);
    return made;
  }

  /** Returns the family of these terms; without series if it is new. */
  family(terms: FamilyTerms): ReceivedFamily | Rejection {
    const { name, type } = terms;
    const known = this.families.get(name);
    try {
      if (known !== undefined) {
        this.#claim(known.reserved);
        return known.terms.type === type ? known : new Rejection(
          "conflict",
          `"${name}" is a ${known.terms.type} here and not a ${type}`,
        );
      }
      const { maxFamilies } = this.#limits;
      if (this.families.size >= maxFamilies) {
        const words = `there are ${maxFamilies} families already`;
        return new Rejection("limit", words);
      }
      const family = new ReceivedFamily(terms);
      this.#claim(family.reserved);
      this.#names.check(family.reserved);
      return family;
    } catch (error) {
      const { existing } = error as Partial<FamilyConflictError>;
      return existing === undefined
        ? invalid(errorMessage(error))
        : new Rejection("conflict", `"${existing}" already has its name`);
    }
  }

  /** Returns whether a family may be exposed: the registry has none like it. */
  isFree({ reserved }: ReceivedFamily): boolean {
    try {
      this.#claim(reserved);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes a point. Returns undefined, or why it is rejected. */
  put(
    family: ReceivedFamily,
    sender: Sender,
    labels: SeriesLabels,
    point: Point,
    now: number,
  ): Rejection | undefined {
    const known = family.series.get(labels.key);
    if (known === undefined) {
      return this.#insert(family, sender, labels, point, now);
    }
    // A clock that was set back would make all points of a sender late.
    const isStuck = now - known.seen > this.#limits.expiry;
    if (isLate(known, point) && !isStuck) return late();
    // Points that make a series no larger are taken in any case.
    const isSum = point.isDelta && known.isDelta;
    const more = growth(known, point, isSum);
    if (more > 0 && this.#bytes + more > this.#limits.maxMemory) {
      return this.#noRoom();
    }
    known.seen = now;
    if (isSum) this.#add(known, point);
    else replace(known, point);
    if (typeof point.value !== "number") this.#measure(known);
    return undefined;
  }

  #measure(series: Series): void {
    const size = sizeOf(series);
    this.#bytes += size - series.size;
    series.size = size;
  }

  #noRoom(): Rejection {
    this.#isTight = true;
    const words = `the series of all senders take ${this.#limits.maxMemory} ` +
      "bytes already";
    return new Rejection("limit", words);
  }

  /** Ends a series whose sender reports that it has no value. */
  end(
    family: ReceivedFamily,
    { key }: SeriesLabels,
    time: number,
  ): Rejection | undefined {
    const known = family.series.get(key);
    if (known === undefined) return undefined;
    if (isLate(known, { time })) return late();
    this.remove(known);
    return undefined;
  }

  /** Describes a sender by the series of `target_info` with these labels. */
  inform(
    family: ReceivedFamily | Rejection,
    sender: Sender,
    labels: SeriesLabels,
    now: number,
  ): void {
    const { info } = sender;
    const isSame = info !== undefined && info.labels.key === labels.key;
    if (info !== undefined && !isSame) this.remove(info);
    if (family instanceof Rejection || isSame) return;
    // Its labels may clash under an escaping scheme: then there is none.
    this.#insert(family, sender, labels, INFO, now, true);
  }

  /** Removes a series, and its family with the last one. */
  remove(series: Series): void {
    const { family, sender } = series;
    if (!family.remove(series)) return;
    this.#bytes -= series.size;
    if (sender.info === series) sender.info = undefined;
    else {
      sender.series.delete(series);
      this.size--;
    }
    if (family.series.size > 0) return;
    this.families.delete(family.terms.name);
    this.#names.release(family.reserved);
  }

  /** Removes what has not been received for `expiry` seconds. */
  sweep(now: number): void {
    if (now < this.#nextSweep) return;
    const { expiry, maxSeries } = this.#limits;
    this.#nextSweep = now + expiry * SWEEP;
    for (const [key, sender] of this.senders) {
      const isGone = now - sender.seen > expiry;
      const isFull = this.#isTight || sender.series.size >= maxSeries;
      for (const series of sender.series) {
        const isIdle = now - series.seen > expiry;
        const isOver = isIdle && (isFull || !series.isDelta);
        if (isGone || isOver) this.remove(series);
      }
      if (!isGone) continue;
      if (sender.info !== undefined) this.remove(sender.info);
      this.senders.delete(key);
    }
    this.#isTight = false;
    for (const family of this.families.values()) family.forget();
  }

  /** Adds a series to a family, and the family if it is new. */
  #insert(
    family: ReceivedFamily,
    sender: Sender,
    labels: SeriesLabels,
    { value, exemplar, start, isDelta, time }: Point,
    now: number,
    isInfo = false,
  ): Rejection | undefined {
    const { maxSeries } = this.#limits;
    if (!isInfo && sender.series.size >= maxSeries) {
      const words = `there are ${maxSeries} series of this sender already`;
      return new Rejection("limit", words);
    }
    const size = sizeOf({ labels, value });
    if (this.#bytes + size > this.#limits.maxMemory) return this.#noRoom();
    const rejection = family.admit(labels.names);
    if (rejection !== undefined) return rejection;
    if (family.series.size === 0) {
      this.families.set(family.terms.name, family);
      this.#names.reserve(family.reserved);
    }
    const series: Series = {
      family,
      sender,
      labels,
      labelSet: Labels.NONE,
      value,
      size,
      exemplar,
      start: startOf(family, start),
      isDelta,
      since: start,
      time,
      seen: now,
    };
    family.series.set(labels.key, series);
    this.#bytes += size;
    if (isInfo) sender.info = series;
    else {
      sender.series.add(series);
      this.size++;
    }
    return undefined;
  }

  /** Adds a difference to the sum of those before it. */
  #add(known: Series, point: Point): void {
    const { time, start, value, exemplar } = point;
    // A clock of milliseconds makes points whose start is their end: those are
    // new ones.
    const isSame = time === known.time && start === known.since;
    if (isSame && start < time) {
      this.faults.duplicate++; // sent again, because the answer was lost
      return;
    }
    if (start !== 0 && known.time !== 0) {
      if (start > known.time) this.faults.gap++;
      else if (start < known.time) this.faults.overlap++;
    }
    const sum = sumOf(known, value);
    if (sum === undefined) return replace(known, point); // other buckets
    known.value = sum;
    known.exemplar = exemplar ?? known.exemplar;
    known.since = start;
    known.time = time;
  }
}

/** Returns how many bytes a point adds to a series, at most. */
function growth(known: Series, { value }: Point, isSum: boolean): number {
  const { labels, size } = known;
  if (!isSum) return sizeOf({ labels, value }) - size;
  // Only native buckets and exemplars get more.
  const grows = typeof value !== "number" && "bounds" in value &&
    (value.native !== undefined || value.exemplars.length > 0);
  return grows ? sizeOf({ labels, value }) : 0;
}

function isLate({ time: last }: Series, { time }: Pick<Point, "time">) {
  return time !== 0 && time < last;
}

function late(): Rejection {
  return new Rejection("late", "a newer point was received before");
}
