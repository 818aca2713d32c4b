// A span held the span that it was part of. Work that plans its own next round, such
// as a poll loop by timers, made a chain of ended spans that was never freed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alwaysOff,
  createTracer,
  extract,
  type Span,
} from "../../src/trace/mod.ts";
import { collectGarbage } from "../support/garbage.ts";
import { CALLER } from "../trace/fixtures.ts";

const ROUNDS = 500;
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

for (
  const [what, options] of [
    ["recorded", {}],
    ["unsampled", { sampler: alwaysOff }],
    ["changing", { sampler: ({ name }: { name: string }) => name !== "odd" }],
  ] as const
) {
  test(`a chain of ${what} spans is freed while it goes on`, async () => {
    const tracer = createTracer(options);
    using _ = tracer.onEnd(() => {});
    const spans: WeakRef<Span>[] = [];
    let stop = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const round = (): void => {
      tracer.run(spans.length % 2 ? "odd" : "even", (span) => {
        if (stop) return;
        spans.push(new WeakRef(span));
        if (spans.length === ROUNDS) resolve();
        // The round that is under way keeps its context.
        setTimeout(round, spans.length < ROUNDS ? 0 : 50);
      });
    };
    round();
    await promise;
    for (let i = 0; i < 5; i++) {
      await turn();
      collectGarbage();
    }
    stop = true;
    const alive = spans.filter((span) => span.deref() !== undefined);
    assert.ok(alive.length < ROUNDS / 4, `${alive.length} are alive`);
    assert.notEqual(spans[0]!.deref(), undefined, "the root stays");
  });
}

test("spans of one local tree share the trace id of their root", () => {
  for (const first of [true, false]) {
    const tracer = createTracer({ sampler: alwaysOff });
    using _ = tracer.onEnd(() => {});
    tracer.run("a", (a) => {
      tracer.run("b", (b) => {
        const c = tracer.start("c");
        const order = first ? [a, b, c] : [c, b, a];
        const ids = new Set(order.map(({ context }) => context.traceId));
        assert.equal(ids.size, 1);
        assert.deepEqual([b.root, c.root], [a, a]);
      });
    });
  }
});

test("unsampled spans below a caller's span have its trace id and state", () => {
  const headers = new Headers({ traceparent: CALLER, tracestate: "a=1" });
  const { parent } = extract(headers);
  const tracer = createTracer({ sampler: alwaysOff });
  using _ = tracer.onEnd(() => {});
  tracer.run("a", () => {
    const { context } = tracer.start("b");
    assert.equal(context.traceId, parent!.traceId);
    assert.equal(context.traceState, "a=1");
  }, { parent });
});
