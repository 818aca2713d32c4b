/** Sources that write families and series without end, or strange numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteLog, ByteReader } from "../../../src/dashboard/history/codec.ts";
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type Sink,
  type Source,
} from "../../../src/model/mod.ts";
import { trustSource } from "../../../src/model/internal.ts";
import { setUp } from "./fixtures.ts";

/** The least memory that a history accepts. */
const MAX = 2 ** 18;

const NOTHING = new Labels([], []);

/** Returns a source without checks; `write` gets the number of the call. */
function sourceOf(write: (sink: Sink, call: number) => void): Source {
  let call = 0;
  return trustSource({ descs: [], collect: (sink) => write(sink, call++) });
}

function counterOf(name: string): FamilyDesc {
  return familyDesc({ name, type: "counter", help: "X.", labelNames: ["x"] });
}

test("families that come and go are forgotten an hour after", () => {
  const { registry, timers, start } = setUp();
  using _ = registry.add(sourceOf((sink, call) => {
    sink.family(counterOf(`a${call}_total`));
    sink.number(new Labels(["x"], ["y"]), 1, 0);
  }));
  using history = start();
  for (let hour = 0; hour < 3; hour++) timers.advance(3600);
  const { size } = history.families;
  assert.ok(size < 400, `${size} families`);
});

test("families without end stay within the bytes", () => {
  const { registry, timers, start } = setUp();
  using _ = registry.add(sourceOf((sink, call) => {
    for (let at = 0; at < 50; at++) {
      sink.family(counterOf(`a${call}_${at}_total`));
      sink.number(new Labels(["x"], ["y"]), 1, 0);
    }
  }));
  using history = start({ maxBytes: MAX });
  for (let pass = 0; pass < 60; pass++) {
    timers.advance(10);
    const { bytes } = history.state().history;
    assert.ok(bytes <= MAX, `${bytes} bytes after pass ${pass}`);
  }
});

test("series without end leave room for those that exist", () => {
  const { registry, timers, start } = setUp();
  const desc = counterOf("a_total");
  using _ = registry.add(sourceOf((sink, call) => {
    sink.family(desc);
    for (let at = 0; at < 20; at++) {
      sink.number(new Labels(["x"], [`${call} ${at}`]), 1, 0);
    }
  }));
  using history = start({ maxBytes: MAX });
  using _look = history.look();
  const known = new Set<number>();
  using _frames = history.follow(({ changes, names, gone }) => {
    for (const { id } of names.s) known.add(id);
    for (const list of changes.values()) {
      for (const [id] of list) assert.ok(known.has(id), `${id} is named`);
    }
    for (const id of gone) known.delete(id);
  });
  for (let pass = 0; pass < 100; pass++) {
    const before = history.seq;
    timers.advance(10);
    const { sampled, of } = history.state();
    assert.equal(sampled, of, `pass ${pass}`);
    const frames = [
      ...history.after(before).frames,
      ...history.after(1).frames,
    ];
    for (const { changes } of frames) {
      for (const list of changes.values()) {
        for (const [id] of list) assert.ok(history.series(id));
      }
    }
  }
});

test("a series that is larger than the room is not sampled", () => {
  const { registry, timers, start } = setUp();
  using _ = registry.add(sourceOf((sink) => {
    sink.family(counterOf("a_total"));
    sink.number(new Labels(["x"], ["x".repeat(MAX)]), 1, 0);
    sink.number(new Labels(["x"], ["y"]), 1, 0);
  }));
  using history = start({ maxBytes: MAX });
  timers.advance(60);
  const { of, sampled, history: { bytes, shortened } } = history.state();
  assert.equal(sampled, of - 1);
  assert.equal(shortened, `Sampling ${sampled} of ${of} series.`);
  assert.ok(bytes < MAX / 2);
});

test("buckets below the least number are read as the least one", () => {
  const { registry, timers, start } = setUp();
  const none = { offset: 0, size: 0, counts: new Float64Array(0), overflow: 0 };
  const desc = familyDesc({ name: "a", type: "histogram", help: "X." });
  using _ = registry.add(sourceOf((sink, call) => {
    const positive = {
      ...none,
      offset: -200_000,
      size: 2,
      counts: Float64Array.of(call, 3 * call),
    };
    sink.family(desc);
    sink.histogram(NOTHING, {
      bounds: new Float64Array(0),
      counts: Float64Array.of(4 * call),
      sum: call,
      count: 4 * call,
      exemplars: [],
      native: {
        schema: -4,
        zeroThreshold: 0,
        zeroCount: 0,
        positive,
        negative: none,
      },
    }, 0);
  }));
  using history = start();
  timers.advance(60);
  const { id } = history.family("a")!;
  const { d } = history.query([id], 60).families[0]!.series[0]!;
  assert.deepEqual(
    d.slice(-2).map(([, sum, , count]) => [sum, count]),
    [[1, 4], [1, 4]],
  );
});

test("a log that ends within a number is an error, not an endless loop", () => {
  const log = new ByteLog(4);
  log.varint(300);
  const reader = new ByteReader({ bytes: log.bytes, length: 1 });
  assert.throws(() => reader.varint(), /^RangeError: Cannot read a log: /);
});
