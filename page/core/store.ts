/**
 * Everything that came by the feed and by `history`; see `Store`.
 *
 * - A family is loaded by one answer to `history`; the frames of the feed after
 *   that go on from there. Frames that come while an answer is under way are kept
 *   and applied to it.
 * - Nothing here knows the document or the network.
 */
import type {
  Delta,
  EventGap,
  EventMessage,
  FamilyId,
  FamilyInfo,
  Findings,
  FrameGap,
  Gone,
  Health,
  Hello,
  History,
  Names,
  Role,
  SeriesId,
  TraceSummary,
} from "../../src/dashboard/protocol.ts";
import { FamilyColumns, lastColumn } from "./columns.ts";
import type { Axis, Changes, Gap, Series, Store } from "./data.ts";

/** Events and traces that are kept at most. */
const MAX_EVENTS = 5000;
const MAX_TRACES = 1000;

/** Families that are kept though no view wants them. */
const MAX_STALE = 40;

/** Gaps that are kept at most. */
const MAX_GAPS = 50;

/** A message that may come while a history is under way. */
type Message =
  | { readonly names: Names }
  | { readonly gone: Gone }
  | { readonly frame: Delta };

/** Frames that are kept at most while a history is under way. */
const MAX_PENDING = 1000;

/** Appends to a bounded list; it is cut now and then, not each time. */
function appended<T>(list: T[], item: T, most: number): T[] {
  list.push(item);
  return list.length > most * 1.1 ? list.slice(-most) : list;
}

/** The store of the page. */
export class LiveStore implements Store {
  hello: Hello | null = null;
  axis: Axis = { from: 0, step: 10, columns: 90, to: 0, gaps: [] };
  readonly families = new Map<FamilyId, FamilyInfo>();
  findings: Findings | null = null;
  traces: TraceSummary[] = [];
  events: (EventMessage | EventGap)[] = [];
  health: Health | null = null;

  readonly #mark: (...names: readonly (keyof Changes)[]) => void;
  readonly #byName = new Map<string, FamilyInfo>();
  readonly #byRole = new Map<Role, FamilyInfo>();
  readonly #loaded = new Map<FamilyId, FamilyColumns>();
  /** Loaded families that no longer get frames, the oldest first. */
  readonly #stale = new Set<FamilyId>();
  readonly #familyOf = new Map<SeriesId, FamilyId>();
  #pending: Message[] = [];
  #loads = 0;
  #newest: Delta | undefined;
  /** The families before a restart, by name, and when their frames ended. */
  #past = new Map<string, FamilyColumns>();
  #pastTo = 0;

  constructor(mark: (...names: readonly (keyof Changes)[]) => void) {
    this.#mark = mark;
  }

  family(name: string): FamilyInfo | undefined {
    return this.#byName.get(name);
  }

  role(role: Role): FamilyInfo | undefined {
    return this.#byRole.get(role);
  }

  series(family: FamilyId): readonly Series[] {
    const columns = this.#loaded.get(family);
    if (columns === undefined) return [];
    columns.moveTo(this.#end);
    return columns.series;
  }

  isLoaded(family: FamilyId): boolean {
    return this.#loaded.has(family);
  }

  /** Whether a family is loaded and gets frames. */
  isFresh(family: FamilyId): boolean {
    return this.#loaded.has(family) && !this.#stale.has(family);
  }

  one(series: SeriesId): Series | undefined {
    const columns = this.#loaded.get(this.#familyOf.get(series) ?? -1);
    columns?.moveTo(this.#end);
    return columns?.one(series);
  }

  /** Number of the column after the last one. */
  get #end(): number {
    const { columns, from, step } = this.axis;
    return Math.round(from / step) + columns;
  }

  /** Takes the first message of a feed; returns whether the program is another. */
  setHello(hello: Hello): boolean {
    const isOther = this.hello !== null && this.hello.epoch !== hello.epoch;
    if (isOther) this.#restart();
    this.hello = hello;
    this.#mark("hello");
    return isOther;
  }

  /** Ids mean nothing after a restart; the past is kept by name. */
  #restart(): void {
    this.#past = new Map(
      [...this.#loaded.values()].map((family) => [family.info.name, family]),
    );
    this.#pastTo = this.axis.to;
    this.families.clear();
    this.#byName.clear();
    this.#byRole.clear();
    this.#loaded.clear();
    this.#stale.clear();
    this.#familyOf.clear();
    this.#pending = [];
    this.#newest = undefined;
    this.findings = null;
    this.health = null;
    this.traces = [];
    this.#mark("names", "data", "findings", "health", "traces");
  }

  addNames(names: Names): void {
    for (const info of names.f) {
      this.families.set(info.id, info);
      this.#byName.set(info.name, info);
      if (info.role !== null) this.#byRole.set(info.role, info);
      const columns = this.#loaded.get(info.id);
      if (columns !== undefined) columns.info = info;
    }
    for (const info of names.s) {
      const columns = this.#loaded.get(info.family);
      if (columns === undefined) continue;
      columns.add(info);
      this.#familyOf.set(info.id, info.family);
    }
    this.#keep({ names });
    this.#mark("names");
  }

  remove(gone: Gone): void {
    for (const id of gone.s) {
      this.#loaded.get(this.#familyOf.get(id) ?? -1)?.remove(id);
      this.#familyOf.delete(id);
    }
    this.#keep({ gone });
    this.#mark("names", "data");
  }

  /** Applies a frame to all families that get frames. */
  addFrame(frame: Delta): void {
    this.#newest = frame;
    this.#cut(undefined);
    this.#moveAxis(lastColumn(frame, this.axis.step) + 1, frame.t);
    for (const [id, columns] of this.#loaded) {
      if (!this.#stale.has(id)) columns.apply(frame);
    }
    this.#keep({ frame });
    this.#mark("data");
  }

  /** Marks a time as missing frames. */
  addGap(gap: FrameGap): void {
    const gaps = [...this.axis.gaps, gap].slice(-MAX_GAPS);
    this.axis = { ...this.axis, gaps };
    this.#mark("data");
  }

  /** Moves the axis on while no frames come. */
  moveTo(now: number): void {
    const { step, to } = this.axis;
    if (to === 0) return;
    this.#moveAxis(Math.floor(now / step) + 1, to);
    if (now > to) this.#cut({ from: to, to: now, why: "cut" });
    this.#mark("data");
  }

  /** Sets the gap that lasts until now; undefined ends it. */
  #cut(gap: Gap | undefined): void {
    const others = this.axis.gaps.filter(({ why }) => why !== "cut");
    if (gap === undefined && others.length === this.axis.gaps.length) return;
    this.axis = {
      ...this.axis,
      gaps: gap === undefined ? others : [...others, gap],
    };
  }

  /** Moves the axis, so that it ends before the column `end`. Never back. */
  #moveAxis(end: number, to: number): void {
    const { columns, gaps, step } = this.axis;
    const from = (Math.max(end, this.#end) - columns) * step;
    this.axis = {
      from,
      step,
      columns,
      to: Math.max(to, this.axis.to),
      gaps: gaps.some((gap) => gap.to <= from)
        ? gaps.filter((gap) => gap.to > from)
        : gaps,
    };
  }

  #keep(message: Message): void {
    if (this.#loads === 0) return;
    this.#pending = appended(this.#pending, message, MAX_PENDING);
  }

  /** Begins to keep frames for an answer to `history` that is under way. */
  beginLoad(): void {
    this.#loads++;
  }

  /** Ends what `beginLoad` has begun; with the answer, if one came. */
  endLoad(history: History | undefined): void {
    this.#loads--;
    if (history !== undefined && history.epoch === this.hello?.epoch) {
      this.#load(history);
    }
    if (this.#loads === 0) this.#pending = [];
  }

  #load(history: History): void {
    const { columns, from, names, seq, step } = history;
    if (step !== this.axis.step || columns !== this.axis.columns) {
      this.#loaded.clear();
      this.#stale.clear();
      this.#familyOf.clear();
      this.axis = { ...this.axis, from, step, columns };
    }
    const end = Math.round(from / step) + columns;
    this.axis = { ...this.axis, gaps: this.#joined(history.gaps) };
    this.#moveAxis(end, Math.min(end * step, this.hello?.now ?? 0));
    // Frames that came meanwhile may have added columns.
    const newest = this.#newest;
    if (newest !== undefined) {
      this.#moveAxis(lastColumn(newest, step) + 1, newest.t);
    }
    this.addNames(names);
    const infos = new Map(names.s.map((info) => [info.id, info]));
    const isEmpty = emptyColumns(history);
    for (const { id, series } of history.families) {
      const info = this.families.get(id);
      if (info === undefined) continue;
      const family = new FamilyColumns(info, step, columns, end);
      for (const each of series) {
        const name = infos.get(each.id);
        if (name === undefined) continue;
        family.fill(name, each, isEmpty);
        this.#familyOf.set(each.id, id);
      }
      family.seq = seq;
      const past = this.#past.get(info.name);
      if (past !== undefined) family.adopt(past, isEmpty);
      this.#loaded.set(id, family);
      this.#stale.delete(id);
    }
    for (const message of this.#pending) this.#replay(message, history);
    this.#mark("data");
  }

  /** Applies what came while a history was under way to its families. */
  #replay(message: Message, { families }: History): void {
    for (const { id } of families) {
      const columns = this.#loaded.get(id);
      if (columns === undefined) continue;
      if ("frame" in message) columns.apply(message.frame);
      else if ("gone" in message) {
        for (const series of message.gone.s) columns.remove(series);
      } else {
        for (const info of message.names.s) {
          if (info.family !== id) continue;
          columns.add(info);
          this.#familyOf.set(info.id, id);
        }
      }
    }
  }

  /** Gaps of a history; time before a restart is not missing if it is kept. */
  #joined(gaps: readonly FrameGap[]): readonly Gap[] {
    const pastTo = this.#past.size === 0 ? 0 : this.#pastTo;
    return gaps.filter(({ to }) => to > pastTo).map((gap) =>
      gap.from < pastTo ? { ...gap, from: pastTo, why: "restarted" } : gap
    );
  }

  /** Sets the families that get frames from now on; others are kept for a while. */
  setWanted(wanted: ReadonlySet<FamilyId>): void {
    for (const id of this.#loaded.keys()) {
      if (!wanted.has(id)) this.#stale.add(id);
    }
    for (const id of this.#stale) {
      if (this.#stale.size <= MAX_STALE) break;
      this.#stale.delete(id);
      this.#loaded.delete(id);
    }
  }

  /** Marks all families as stale after missed frames: they must be loaded again. */
  setAllStale(): void {
    this.setWanted(new Set());
  }

  setFindings(findings: Findings): void {
    this.findings = findings;
    this.#mark("findings");
  }

  setHealth(health: Health): void {
    this.health = health;
    this.#mark("health");
  }

  addTrace(trace: TraceSummary): void {
    this.traces = appended(this.traces, trace, MAX_TRACES);
    this.#mark("traces");
  }

  addEvent(event: EventMessage | EventGap): void {
    this.events = appended(this.events, event, MAX_EVENTS);
    this.#mark("events");
  }

  /** Forgets events, as for other topics. */
  clearEvents(): void {
    this.events = [];
    this.#mark("events");
  }
}

/** Returns which columns of a history no frame covers. */
function emptyColumns({ columns, from, gaps, step }: History): boolean[] {
  return Array.from({ length: columns }, (_, i) => {
    const begin = from + i * step;
    return gaps.some((gap) => gap.from <= begin && gap.to >= begin + step);
  });
}
