/** The active span: that of the work at hand, over whatever it waits for. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { contextStore, synchronousStore } from "../../src/platform/internal.ts";
import {
  activeBaggage,
  activeSpanContext,
  inject,
  NO_BAGGAGE,
  spanFromContext,
  traceContext,
  withBaggage,
  withSpan,
} from "../../src/trace/mod.ts";
import { withoutContext, withSpanSync } from "../../src/trace/internal.ts";
import { serve } from "../runtimes/server.ts";
import { traced } from "./fixtures.ts";

const id = () => spanFromContext()?.context.spanId;

test("it is there over awaits, timers, microtasks and callbacks", async () => {
  const { tracer } = traced();
  await tracer.run("work", async (span) => {
    const own = span.context.spanId;
    assert.equal(id(), own);
    await null;
    assert.equal(id(), own);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(id(), own);
    const later = await Promise.all([
      new Promise((resolve) => queueMicrotask(() => resolve(id()))),
      new Promise((resolve) => setTimeout(() => resolve(id()))),
      Promise.resolve().then(() => id()),
      (async () => {
        await null;
        return id();
      })(),
    ]);
    assert.deepEqual(later, Array(4).fill(own));
  });
  assert.equal(id(), undefined);
});

test("pieces of work that overlap never see each other's", async () => {
  const { tracer } = traced();
  await Promise.all(
    Array.from(
      { length: 100 },
      (_, n) =>
        tracer.run(`work ${n}`, async (span) => {
          for (let turn = 0; turn < 10; turn++) {
            await (n % 3 === 0
              ? null
              : new Promise((resolve) => setTimeout(resolve, n % 2)));
            assert.equal(id(), span.context.spanId);
          }
        }),
    ),
  );
  assert.equal(id(), undefined);
});

test("where it is lost it can be taken along", () => {
  const { tracer } = traced();
  const emitter = new EventEmitter();
  const seen: (string | undefined)[] = [];
  const [own, taken] = tracer.run("work", (span) => {
    emitter.on("tick", () => void seen.push(id()));
    return [span.context.spanId, traceContext()];
  });
  emitter.emit("tick");
  taken.run(() => emitter.emit("tick"));
  assert.deepEqual(seen, [undefined, own]);
});

test("a context is never missing, and says where it was taken", () => {
  const empty = traceContext();
  assert.equal(empty.span, undefined);
  const headers = new Headers();
  empty.inject(headers);
  assert.deepEqual([...headers], []);
  assert.equal(empty.run(() => 42), 42);
  const { tracer } = traced();
  const full = tracer.run(
    "work",
    () => withBaggage({ tenant: "blue" }, () => traceContext()),
  );
  full.inject(headers);
  const { traceId, spanId } = full.span!.context;
  assert.equal(headers.get("traceparent"), `00-${traceId}-${spanId}-01`);
  assert.equal(headers.get("baggage"), "tenant=blue");
  assert.equal(full.run(() => activeBaggage().get("tenant")?.value), "blue");
});

test("what is withoutContext is part of nothing", async () => {
  const { tracer } = traced();
  await tracer.run("work", async () => {
    await withoutContext(async () => {
      assert.equal(id(), undefined);
      await null;
      assert.equal(activeSpanContext(), undefined);
      const headers = new Headers();
      inject(headers);
      assert.deepEqual([...headers], []);
    });
    assert.notEqual(id(), undefined);
  });
});

test("baggage adds up, ends with its work, and goes along with spans", () => {
  const { tracer } = traced();
  withBaggage({ a: "1", b: "1" }, () => {
    tracer.run("work", () => {
      withBaggage({ b: "2" }, () => {
        const headers = new Headers({ baggage: "stale=1" });
        inject(headers);
        assert.equal(headers.get("baggage"), "a=1,b=2");
      });
      assert.equal(activeBaggage().get("b")?.value, "1");
    });
  });
  assert.equal(activeBaggage(), NO_BAGGAGE);
});

test("a synchronous moment has a span of its own, and then none", () => {
  const { tracer } = traced();
  const moment = tracer.start("moment");
  tracer.run("work", (span) => {
    withSpanSync(moment, () => assert.equal(id(), moment.context.spanId));
    assert.throws(() =>
      withSpanSync(moment, () => {
        throw new Error("boom");
      })
    );
    assert.equal(id(), span.context.spanId);
  });
  assert.equal(id(), undefined);
});

test("withSpan() hides what is outside, also behind a span that says nothing", () => {
  const { tracer } = traced();
  const silent = { ...tracer.start("x"), propagates: false } as never;
  tracer.run("outer", () => {
    assert.equal(
      withSpan(silent, NO_BAGGAGE, () => activeSpanContext()),
      undefined,
    );
  });
});

test("a server that was started within a span lends it to no request", async () => {
  const { tracer, spans } = traced();
  const seen: (string | undefined)[] = [];
  const observed = instrumentHandler(() => {
    seen.push(id());
    return new Response();
  }, { registry: createRegistry(), tracer });
  const server = tracer.run("start-up", () => serve(observed));
  try {
    await (await fetch(server.url)).text();
    await (await fetch(server.url)).text();
  } finally {
    await server.stop();
  }
  const served = spans.filter(({ kind }) => kind === "server");
  assert.equal(served.length, 2);
  assert.deepEqual(served.map(({ parentSpanId }) => parentSpanId), ["", ""]);
  assert.deepEqual(seen, served.map(({ context }) => context.spanId));
});

test("stores do not share, and nest", async () => {
  for (const make of [contextStore<number>, synchronousStore<number>]) {
    const [a, b] = [make(), make()];
    a.run(1, () => {
      assert.equal(b.get(), undefined);
      b.run(2, () => {
        a.run(3, () => assert.deepEqual([a.get(), b.get()], [3, 2]));
        assert.equal(a.get(), 1);
      });
    });
    assert.throws(() =>
      a.run(1, () => {
        throw new Error("boom");
      })
    );
    assert.equal(a.get(), undefined);
  }
  const store = contextStore<number>();
  assert.equal(await store.run(1, async () => (await null, store.get())), 1);
});
