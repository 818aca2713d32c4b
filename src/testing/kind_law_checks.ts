/** The checks of `kindLaws`: one method per law, each with new registries. */
import { display, quoted } from "../base/internal.ts";
import { allFormats, expose } from "../encode/mod.ts";
import {
  type InstrumentKind,
  noopRegistry,
  type Series,
} from "../metrics/mod.ts";
import { capture, merge, replay, type Source } from "../model/mod.ts";
import { BLOCK_BITS } from "../model/internal.ts";
import {
  numberText,
  pointsOf,
  shown,
  textOf,
  textsByKey,
} from "./kind_points.ts";
import { rowOf, rowsOf, versionOf, Worlds } from "./kind_worlds.ts";
import { poison } from "./poison.ts";

/** The number of series: enough for rows in three blocks. */
const SERIES = 40;

/** Seconds after which series expire, in the law `revive`. */
const EXPIRY = 60;

/** Values that recorders must survive: NaN, infinities and wrong types. */
const NONSENSE: readonly unknown[] = [
  ...[NaN, Infinity, -Infinity, "1", null, undefined, {}, 1n, Symbol("x")],
];

/** The reason why a law does not hold. */
class BrokenLaw extends Error {}

/** Breaks the law that is being checked. */
function fail(why: string, cause?: unknown): never {
  throw new BrokenLaw(why, { cause });
}

/** The laws of one kind; each method throws if its law does not hold. */
export class KindLaws<S> extends Worlds<S> {
  /** Runs `work`; an error becomes one that names the kind and the law. */
  check(law: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const isBroken = error instanceof BrokenLaw;
      const why = isBroken ? error.message : `it threw ${error}`;
      throw new Error(
        `The kind "${this.kind.id}" breaks the law "${law}": ${why}`,
        { cause: isBroken ? error.cause : error },
      );
    }
  }

  isSeen(): void {
    const { registry, family } = this.world();
    const series = family.at("a");
    const before = textOf(registry);
    for (const value of this.options.values) {
      this.options.record(series, value);
      if (textOf(registry) !== before) return;
    }
    fail(
      `recording ${this.#valuesText()} left ${shown(before)}; write each ` +
        "series with a value in emit, or give values that the kind records",
    );
  }

  writesOnce(): void {
    const { registry, family } = this.filled();
    family.at("blank");
    const keys = new Set(["blank", "0", "1", "2"]);
    const seen = new Set<string>();
    for (const { labels, key, text } of pointsOf(registry)) {
      if (!keys.has(key)) {
        fail(`emit wrote ${text}, which is no series; pass it its labels`);
      }
      if (seen.has(labels)) {
        fail(
          `emit wrote two points ${labels}, the second one ${text}; ` +
            "write one point per series, or one per value of ownLabel",
        );
      }
      seen.add(labels);
    }
  }

  marks(): void {
    const { registry, family } = this.world();
    for (let i = 0; i < SERIES; i++) family.at(`${i}`);
    const rows = rowsOf(registry);
    if (rows === undefined) return; // caches do not apply
    for (const value of this.options.values) {
      for (const k of ["0", `${SERIES - 1}`]) {
        const series = family.at(k);
        const block = rowOf(series) >> BLOCK_BITS;
        const before = textsByKey(registry).get(k);
        const seen = versionOf(rows, block);
        this.options.record(series, value);
        rows.open();
        if (versionOf(rows, block) !== seen) continue;
        const after = textsByKey(registry).get(k);
        if (after === before) continue;
        fail(
          `recording ${numberText(value)} changed ${shown(before)} to ` +
            `${shown(after)} but marked nothing; call mark(store.marks, row)`,
        );
      }
    }
  }

  negativeZero(): void {
    for (const value of this.options.values) {
      const { registry, family } = this.world();
      const series = family.at("a");
      const rows = rowsOf(registry);
      const hasOne = () => rows?.cells.some((cell) => Object.is(cell, -0));
      if (hasOne()) fail("a new row holds -0; give 0 as initial");
      this.options.record(series, value);
      if (hasOne()) {
        fail(
          `recording ${numberText(value)} stored -0 in a cell; store value + 0`,
        );
      }
    }
  }

  throwsNothing(): void {
    const { family } = this.world();
    for (const value of NONSENSE) {
      try {
        this.options.record(family.at("a"), value as number);
      } catch (error) {
        const text = typeof value === "string" ? quoted(value) : display(value);
        fail(
          `recording ${text} threw ${error}; ` +
            "call store.reject instead",
          error,
        );
      }
    }
  }

  revives(): void {
    const expiring = this.world({ expireAfter: EXPIRY });
    const lasting = this.world({}, expiring.clock);
    const worlds = [expiring, lasting];
    const series = worlds.map(({ family }) => family.at("a"));
    for (const value of this.options.values) {
      const before = textOf(lasting.registry);
      for (const each of series) this.options.record(each, value);
      // An ignored value does not revive the series.
      if (before !== "" && textOf(lasting.registry) === before) continue;
      for (const state of ["expired", "become stale"]) {
        const [actual, expected] = worlds.map(({ registry }) =>
          textOf(registry)
        );
        if (actual === expected) continue;
        fail(
          `after recording ${numberText(value)}, a series that had ${state} ` +
            `was ${shown(actual)} instead of ${shown(expected)}; call ` +
            "store.revive if the row is negative, and hand over all state " +
            "by release and restore",
        );
      }
      expiring.clock.advance(EXPIRY);
      const left = textOf(expiring.registry);
      if (left !== "") {
        fail(`an idle series did not expire: it was ${left}`);
      }
    }
  }

  isFresh(): void {
    const { values, record } = this.options;
    for (const value of values) {
      const fresh = this.world();
      fresh.family.init([{ k: "a" }]);
      const blank = textOf(fresh.registry);
      record(fresh.family.at("a"), value);
      const recorded = textOf(fresh.registry);
      const removed = this.world({}, fresh.clock);
      const compare = (subject: string, expected: string, advice: string) => {
        const actual = textOf(removed.registry);
        if (actual === expected) return;
        fail(
          `after recording ${this.#valuesText()}, a series ${subject} was ` +
            `${shown(actual)} and not ${shown(expected)}, as a new one is; ` +
            advice,
        );
      };
      const held = removed.family.at("a");
      for (const each of values) record(held, each);
      removed.family.remove({ k: "a" });
      record(held, value);
      if (textOf(removed.registry) !== "") { // "" if the value was ignored
        const subject = `that was removed and recorded ${numberText(value)}`;
        compare(subject, recorded, "drop its state in release");
      }
      removed.family.remove({ k: "a" });
      const reused = removed.family.at("a");
      compare(
        "in the row of a removed one",
        blank,
        "drop its state in release, and give the first value as initial",
      );
      // Kinds that are not plain reset the state outside of the cells themselves.
      if (rowsOf(removed.registry) === undefined) continue;
      for (const each of values) record(reused, each);
      const { store } = reused as unknown as Series;
      store.reset(rowOf(reused));
      compare(
        "that was reset",
        blank,
        "keep its state in cells, or set isPlain to false",
      );
    }
  }

  sparesNeighbours(): void {
    const { registry, family } = this.world();
    for (let i = 0; i < SERIES; i++) family.at(`${i}`);
    for (const value of this.options.values) {
      for (const k of ["0", `${SERIES / 2}`, `${SERIES - 1}`]) {
        const before = textsByKey(registry);
        this.options.record(family.at(k), value);
        const after = textsByKey(registry);
        for (let i = 0; i < SERIES; i++) {
          const [was, is] = [before.get(`${i}`), after.get(`${i}`)];
          if (`${i}` === k || was === is) continue;
          fail(
            `recording ${numberText(value)} in {k="${k}"} changed ` +
              `${shown(was)} to ${shown(is)}; write only ` +
              "store.cells[row * width] to store.cells[row * width + width - 1]",
          );
        }
      }
    }
  }

  grows(): void {
    const { values, record } = this.options;
    const alone = this.world();
    const grown = this.world({}, alone.clock);
    const series = [alone, grown].map(({ family }) => family.at("0"));
    for (const value of values) {
      for (const each of series) record(each, value);
      for (let i = 1; i < SERIES; i++) grown.family.at(`${i}`);
      const [expected, actual] = [alone, grown].map(({ registry }) =>
        textsByKey(registry).get("0")
      );
      if (actual === expected) continue;
      fail(
        `after more series were added, recording ${numberText(value)} gave ` +
          `${shown(actual)} instead of ${shown(expected)}; read store.cells ` +
          "in each record, because the array is replaced",
      );
    }
  }

  replays(): void {
    const { registry } = this.filled();
    const again = replay(capture(registry));
    this.#sameBytes(registry, again, "its replayed capture");
  }

  survivesPoison(): void {
    const { registry } = this.filled();
    expose(poison(registry), allFormats()[0]!);
    this.#sameBytes(registry, poison(registry), "its poisoned source");
  }

  merges(): void {
    const { values, record } = this.options;
    const [one, other] = [this.filled(), this.filled()];
    for (const value of values.slice(1)) record(other.family.at("0"), value);
    const [a, b] = [capture(one.registry), capture(other.registry)];
    // The order of the points may differ, if a worker skips some of them.
    const [ab, ba] = [merge([a, b]), merge([b, a])].map((merged) =>
      pointsOf(replay(merged)).map(({ text }) => text).sort().join(", ")
    );
    if (ab === ba) return;
    fail(`two workers merged to ${shown(ab)}, and in the other order to ${ba}`);
  }

  agreesOnTerms(): void {
    const { registry, family } = this.world();
    if (this.declare(registry) !== family) {
      fail("declaring the kind twice returned two families");
    }
    const other: InstrumentKind<S> = Object.create(this.kind, {
      id: { value: `${this.kind.id} of another package` },
    });
    try {
      registry.declare(other, this.declaration() as never);
    } catch {
      return;
    }
    fail("declaring another kind under the same name was no conflict");
  }

  servesNoop(): void {
    const family = this.declare(noopRegistry);
    try {
      for (const value of this.options.values) {
        this.options.record(family.at("a"), value);
        this.options.record(family.with({ k: "a" }), value);
        this.options.record(family.bind({ k: "a" }) as S, value);
      }
    } catch (error) {
      fail(
        `recording in noopRegistry threw ${error}; give the kind a noop`,
        error,
      );
    }
  }

  #valuesText(): string {
    return this.options.values.map(numberText).join(", ");
  }

  #sameBytes(
    source: Source,
    other: Source,
    name: string,
  ): void {
    for (const format of allFormats()) {
      const [a, b] = [expose(source, format), expose(other, format)];
      if (a.length === b.length && a.every((byte, i) => byte === b[i])) {
        continue;
      }
      fail(
        `${name} encodes to other bytes in ${format.contentType}: ` +
          `${shown(textOf(other))} instead of ${shown(textOf(source))}`,
      );
    }
  }
}
