/**
 * A history that keeps everything as plain lists: 30 frames of one second, then 12
 * of ten, then nothing. Feeds are tested against it.
 */
import type {
  Frame,
  FrameListener,
  KeptHistory,
} from "../../../src/dashboard/history/kept_history.ts";
import type {
  Change,
  FamilyId,
  FamilyInfo,
  FrameGap,
  Role,
  SeriesId,
  SeriesInfo,
} from "../../../src/dashboard/protocol.ts";

/** Frames of one second, and of ten. */
const FAST = 30;
const SLOW = 12;

const START = 1_700_000_000;

/** One second of a test: growth by series, and series that come and go. */
export interface Second {
  readonly growth?: ReadonlyMap<SeriesId, number>;
  readonly families?: readonly (readonly [name: string, role: Role | null])[];
  readonly added?: readonly (readonly [family: FamilyId, label: string])[];
  readonly gone?: readonly SeriesId[];
}

/** A history of counters. */
export class ModelHistory implements KeptHistory {
  readonly epoch = "model";
  seq = 0;
  readonly families = new Map<FamilyId, FamilyInfo>();
  /** All frames ever. */
  readonly frames: Frame[] = [];
  readonly known = new Map<SeriesId, SeriesInfo>();
  readonly existing = new Set<SeriesId>();
  looks = 0;
  readonly #listeners = new Set<FrameListener>();

  /** Adds a frame of one second. */
  tick(second: Second = {}): Frame {
    this.seq++;
    const f = (second.families ?? []).map(([name, role]) => {
      const info = {
        id: this.families.size + 1,
        name,
        type: "counter",
        help: "",
        unit: "",
        labels: ["label"],
        bounds: null,
        native: false,
        quantiles: null,
        series: 0,
        limit: null,
        role,
      } as unknown as FamilyInfo;
      this.families.set(info.id, info);
      return info;
    });
    const s = (second.added ?? []).map(([family, label]) => {
      const info = { id: this.known.size + 1, family, values: [label] };
      this.known.set(info.id, info);
      this.existing.add(info.id);
      return info;
    });
    const changes = new Map<FamilyId, Change[]>();
    const grow = (id: SeriesId, by: number | null): void => {
      const { family } = this.known.get(id)!;
      listIn(changes, family).push([id, by]);
    };
    for (const [id, by] of second.growth ?? []) grow(id, by);
    for (const id of second.gone ?? []) {
      grow(id, null);
      this.existing.delete(id);
    }
    const frame: Frame = {
      seq: this.seq,
      t: START + this.seq,
      step: 1,
      changes,
      names: { f, s },
      gone: second.gone ?? [],
      gap: null,
    };
    this.frames.push(frame);
    for (const listener of this.#listeners) listener(frame);
    return frame;
  }

  family(name: string): FamilyInfo | undefined {
    return [...this.families.values()].find((each) => each.name === name);
  }

  role(role: Role): FamilyInfo | undefined {
    return [...this.families.values()].find((each) => each.role === role);
  }

  labels() {
    return { method: null, route: null, status: null, peer: null };
  }

  series(id: SeriesId): SeriesInfo | undefined {
    return this.known.get(id);
  }

  names(families: Iterable<FamilyId> = this.families.keys()) {
    const wanted = new Set(families);
    return {
      f: [...this.families.values()].filter(({ id }) => wanted.has(id)),
      s: [...this.existing].map((id) => this.known.get(id)!)
        .filter(({ family }) => wanted.has(family)),
    };
  }

  state() {
    return { epoch: this.epoch, seq: this.seq, now: START + this.seq } as never;
  }

  sources() {
    return [];
  }

  look(): Disposable {
    this.looks++;
    return { [Symbol.dispose]: () => void this.looks-- };
  }

  follow(listener: FrameListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  query(): never {
    throw new Error("feeds do not query");
  }

  after(seq: number, families: Iterable<FamilyId> = this.families.keys()) {
    const wanted = new Set(families);
    const fastFrom = Math.max(0, this.seq - FAST);
    const slowFrom = Math.max(0, Math.floor(fastFrom / 10) * 10 - SLOW * 10);
    const gaps: FrameGap[] = [];
    const frames: Pick<Frame, "seq" | "t" | "step" | "changes">[] = [];
    let at = seq;
    if (at < slowFrom) {
      gaps.push({ from: START + at, to: START + slowFrom, why: "slow" });
      at = slowFrom;
    }
    while (at < fastFrom) {
      // The rest of a frame of ten seconds, of which a part was told.
      const end = Math.min(Math.floor(at / 10) * 10 + 10, this.seq);
      frames.push(this.#merged(at, end, wanted));
      at = end;
    }
    for (; at < this.seq; at++) frames.push(this.#merged(at, at + 1, wanted));
    return { gaps, frames };
  }

  /** Returns the frames after `from`, to `to`, as one. */
  #merged(from: number, to: number, wanted: ReadonlySet<FamilyId>) {
    const sums = new Map<SeriesId, number>();
    const ended = new Set<SeriesId>();
    for (const { changes } of this.frames.slice(from, to)) {
      for (const [family, list] of changes) {
        if (!wanted.has(family)) continue;
        for (const [id, by] of list) {
          sums.set(id, (sums.get(id) ?? 0) + (by ?? 0));
          if (by === null) ended.add(id);
        }
      }
    }
    const changes = new Map<FamilyId, Change[]>();
    for (const [id, by] of sums) {
      const { family } = this.known.get(id)!;
      listIn(changes, family).push([id, by]);
      if (ended.has(id)) listIn(changes, family).push([id, null]);
    }
    return { seq: to, t: START + to, step: to - from, changes };
  }

  [Symbol.dispose](): void {}
}

function listIn(changes: Map<FamilyId, Change[]>, family: FamilyId): Change[] {
  const list = changes.get(family) ?? [];
  changes.set(family, list);
  return list;
}
