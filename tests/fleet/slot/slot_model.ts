/**
 * A slot whose owners come and go while readers read, under the laws of a slot.
 *
 * Numbers drawn by the test choose what happens, also between and within the calls
 * of the members: others run to their end there, the caller crashes, or the call
 * fails. Each publish has its number as its time, by which readers tell what they see.
 */
import assert from "node:assert/strict";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { type SlotState, widthOf } from "../../../src/fleet/slot/slot.ts";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import {
  type Call,
  Crash,
  type Interruption,
  MemoryDisk,
} from "./memory_files.ts";
import { contentsOf, family, ids, META, PATH } from "./slots.ts";

/** A row as the model compares it. */
interface Row {
  readonly key: string;
  readonly cells: readonly number[];
  readonly state: number;
  readonly extra: string | undefined;
}

/** The contents of a publish. */
interface Contents {
  readonly rows: readonly Row[];
  readonly tombstones: string;
  readonly meta: string;
}

type Image = Pick<
  SlotState,
  "families" | "rows" | "tombstones" | "cells" | "states" | "extras"
>;

const READERS = 3;
const MAX_DEPTH = 3;

/** Fewer than a reader tries to get a copy that nobody writes. */
const MAX_NESTED = 10;

const FAMILIES = [
  family("a_total"),
  family("wait", { type: "histogram" }, { bounds: [1, 2, 3] }),
  family("size", { type: "gauge" }),
];

/** How often the rare cases were reached. */
export interface Reached {
  crashes: number;
  adoptions: number;
  failures: number;
  compactions: number;
  nested: number;
  unseen: number;
}

export class SlotModel {
  readonly disk = new MemoryDisk();
  readonly #choices: readonly number[];
  #at = 0;
  #depth = 0;
  #nested = 0;
  #fault: { readonly error: unknown } | undefined;
  readonly #reached: Reached;
  readonly #ids = ids();
  #writer: SlotWriter | undefined;
  #isWriting = false;
  #extras = new Map<number, string>();
  #joined = 0;
  readonly #readers: SlotReader[];
  readonly #busy = new Set<number>();
  readonly #attempts: Contents[] = [];
  /** Publishes that no owner continued. */
  readonly #dead = new Set<number>();
  /** The newest publish that has returned or was seen. */
  #newest = -1;
  /** By file and number of a row: its key. */
  readonly #names = new Map<string, string>();
  readonly #dropped = new Set<string>();
  #lastLabel = 0;

  constructor(choices: readonly number[], reached: Reached) {
    this.#choices = choices;
    this.#reached = reached;
    this.#readers = Array.from(
      { length: READERS },
      () =>
        new SlotReader(this.disk.member((call) => this.#onRead(call)), PATH),
    );
  }

  /** Does all that was chosen, and checks each law. */
  run(): void {
    while (this.#at < this.#choices.length) {
      this.#act();
      if (this.#fault) throw this.#fault.error;
    }
    this.#checkAgreement();
    this.#ensureWriter();
    if (this.#writer) this.#publish();
    this.#checkAgreement();
    assert.equal(this.disk.openFiles, 0);
  }

  #choose(below: number): number {
    const choice = this.#choices[this.#at++] ?? 0;
    return choice % below;
  }

  #act(): void {
    const choice = this.#choose(8);
    if (choice < 3) return this.#read(this.#choose(READERS));
    if (choice === 3 && this.#depth === 0) return this.#checkAgreement();
    if (this.#isWriting) return;
    this.#ensureWriter();
    if (this.#writer === undefined) return;
    this.#change();
    if (choice > 4) this.#publish();
  }

  /** Chooses what happens within a call. */
  #interrupt(): Interruption | undefined {
    if (this.#depth >= MAX_DEPTH || this.#choose(3) > 0) return undefined;
    const after = [0, 0.5, 1][this.#choose(3)]!;
    return {
      after,
      run: () => {
        this.#nested++;
        if (this.#nested > MAX_NESTED) return;
        this.#reached.nested++;
        this.#depth++;
        try {
          for (let left = 1 + this.#choose(4); left > 0; left--) this.#act();
        } catch (error) {
          // The caller may swallow errors of its files.
          this.#fault ??= { error };
        }
        this.#depth--;
      },
    };
  }

  #onRead(_call: Call): Interruption | undefined {
    return this.#interrupt();
  }

  #onWrite(_call: Call): Interruption | undefined {
    const choice = this.#choose(24);
    if (choice > 1) return this.#interrupt();
    const after = this.#choose(5) / 4;
    return {
      after,
      run: () => {
        if (choice === 0) throw new Crash();
        this.#reached.failures++;
        throw new Error("no space left");
      },
    };
  }

  #read(index: number): void {
    if (this.#busy.has(index)) return;
    const reader = this.#readers[index]!;
    const newest = this.#newest;
    const before = reader.state && contentsOf(reader.state);
    const { file } = reader;
    this.#busy.add(index);
    if (this.#depth === 0) this.#nested = 0;
    const change = reader.read();
    this.#busy.delete(index);
    if (change === "gone") {
      assert.equal(newest, -1, "what was published is gone");
      return;
    }
    const { state } = reader;
    assert.ok(state);
    if (change === "same") assert.deepEqual(contentsOf(state), before);
    if (change === "changed") {
      assert.equal(reader.file!.id, file!.id);
      assert.deepEqual(
        [...reader.before!.slice(0, before!.cells.length)],
        [...before!.cells],
      );
      assert.ok(reader.before!.slice(before!.cells.length).every((it) => !it));
    }
    if (change === "replaced") assert.notEqual(reader.file!.id, file?.id);
    const seen = this.#check(state, `${reader.file!.id}`);
    assert.ok(seen >= newest, `publish ${seen} is seen after ${newest}`);
    if (before) checkGrowth(before, state, this.#dropped);
    this.#newest = Math.max(this.#newest, seen);
  }

  /** Checks that a state is one publish, whole; returns its number. */
  #check(state: SlotState, id: string): number {
    const seen = state.publishedAt;
    assert.ok(!this.#dead.has(seen), `publish ${seen} was not continued`);
    assert.deepEqual(
      contents(state, state.extras, JSON.stringify(state.meta)),
      this.#attempts[seen],
    );
    state.rows.forEach((row, number) => {
      const place = `${id} ${number}`;
      const key = keyOf(state, row);
      assert.equal(
        this.#names.get(place) ?? key,
        key,
        "a row has another name",
      );
      this.#names.set(place, key);
    });
    return seen;
  }

  /** Checks that readers that know the file agree with one that does not. */
  #checkAgreement(): void {
    const fresh = new SlotReader(this.disk.member(), PATH);
    fresh.read();
    for (let index = 0; index < READERS; index++) {
      const reader = this.#readers[index]!;
      this.#depth = MAX_DEPTH; // nothing runs in between
      this.#read(index);
      this.#depth = 0;
      if (fresh.state === undefined) continue;
      assert.deepEqual(contentsOf(reader.state!), contentsOf(fresh.state));
    }
  }

  /** Makes the next owner if there is none; it may crash at once. */
  #ensureWriter(): void {
    if (this.#writer) return;
    const newest = this.#newest;
    const files = this.disk.member((call) => this.#onWrite(call));
    this.#isWriting = true;
    try {
      this.#writer = SlotWriter.open(files, PATH, this.#ids);
    } catch (error) {
      this.#noteCrash(error);
      return;
    } finally {
      this.#isWriting = false;
    }
    const { found } = this.#writer;
    this.#extras = new Map(found?.extras);
    this.#joined++;
    const seen = found?.publishedAt ?? -1;
    assert.ok(seen >= newest, `publish ${newest} is lost`);
    for (let at = seen + 1; at < this.#attempts.length; at++) {
      this.#dead.add(at);
    }
    if (found === undefined) return;
    this.#reached.adoptions++;
    this.#newest = Math.max(this.#newest, seen);
    const { meta } = this.#attempts[seen]!;
    const expected = this.#attempts[seen];
    assert.deepEqual(contents(found, found.extras, meta), expected);
    assert.deepEqual(contents(this.#writer, found.extras, meta), expected);
  }

  #noteCrash(error: unknown): void {
    if (!(error instanceof Crash)) return;
    this.#reached.crashes++;
    this.#writer = undefined;
  }

  /** Changes the image; counters only grow. */
  #change(): void {
    const writer = this.#writer!;
    for (let steps = 1 + this.#choose(4); steps > 0; steps--) {
      const { rows } = writer;
      const row = rows.length === 0 ? -1 : this.#choose(rows.length);
      const choice = this.#choose(16);
      if (choice < 4 || row < 0) this.#addRows(writer, choice === 0 ? 40 : 1);
      else if (choice < 10) {
        const width = widthOf(writer.families[rows[row]!.family]!);
        const cell = rows[row]!.at + this.#choose(width);
        writer.cells[cell]! += 0.1 + this.#choose(3);
      } else if (choice < 12) writer.states[row] = this.#choose(3);
      else if (choice < 14) this.#setExtra(writer, row);
      else if (choice === 14) {
        const { family, generation, labels } = rows[row]!;
        writer.addTombstone({ family, generation, labels });
      } else this.#compact(writer, row);
    }
  }

  #addRows(writer: SlotWriter, count: number): void {
    if (writer.families.length < FAMILIES.length) {
      writer.addFamily(FAMILIES[writer.families.length]!);
    }
    for (let at = 0; at < count; at++) {
      const family = this.#choose(writer.families.length);
      const label = `ü${"x".repeat(this.#choose(30))}${this.#lastLabel++}`;
      const labels = JSON.stringify([label]);
      writer.addRow({ family, labels, generation: 0, start: at });
    }
  }

  #setExtra(writer: SlotWriter, row: number): void {
    const extra = [undefined, '"ü"', "1", '["é",2]'][this.#choose(4)];
    writer.setExtra(row, extra);
    if (extra === undefined) this.#extras.delete(row);
    else this.#extras.set(row, extra);
  }

  #compact(writer: SlotWriter, dropped: number): void {
    this.#reached.compactions++;
    this.#dropped.add(keyOf(writer, writer.rows[dropped]!));
    const numbers = writer.compact(
      (row) => row !== dropped,
      ({ family }) => family > 0,
    );
    this.#extras = new Map(
      [...this.#extras].filter(([row]) => row !== dropped)
        .map(([row, extra]) => [numbers[row]!, extra]),
    );
  }

  #publish(): void {
    const writer = this.#writer!;
    const meta = {
      ...META,
      incarnation: this.#joined,
      declared: writer.families.map((_, number) => number),
    };
    const number = this.#attempts.length;
    this.#attempts.push(contents(writer, this.#extras, JSON.stringify(meta)));
    this.#isWriting = true;
    try {
      if (this.#choose(4) === 0) writer.beat(number);
      writer.publish(meta, number);
      this.#newest = Math.max(this.#newest, number);
    } catch (error) {
      this.#noteCrash(error);
      if (this.#newest < number) this.#reached.unseen++;
    } finally {
      this.#isWriting = false;
    }
  }
}

function keyOf(
  { families }: Pick<SlotState, "families">,
  { family, generation, labels, start }: SlotState["rows"][number],
): string {
  return JSON.stringify([families[family], generation, labels, start]);
}

function contents(
  { families, rows, tombstones, cells, states }: Omit<Image, "extras">,
  extras: ReadonlyMap<number, string>,
  meta: string,
): Contents {
  return {
    rows: rows.map((row, number) => ({
      key: keyOf({ families }, row),
      cells: [...cells.slice(row.at, row.at + widthOf(families[row.family]!))],
      state: states[number]!,
      extra: extras.get(number),
    })),
    tombstones: JSON.stringify(tombstones),
    meta,
  };
}

/** Checks that no row was lost and no cell has fallen. */
function checkGrowth(
  before: SlotState,
  now: SlotState,
  dropped: ReadonlySet<string>,
): void {
  const found = new Map(now.rows.map((row) => [keyOf(now, row), row]));
  for (const row of before.rows) {
    const key = keyOf(before, row);
    const next = found.get(key);
    if (next === undefined) {
      assert.ok(dropped.has(key), `a row is lost: ${key}`);
      continue;
    }
    const width = widthOf(before.families[row.family]!);
    for (let at = 0; at < width; at++) {
      const old = before.cells[row.at + at]!;
      const current: number = now.cells[next.at + at]!;
      assert.ok(current >= old, `${key} falls from ${old} to ${current}`);
    }
  }
}
