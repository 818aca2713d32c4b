/** The active span and baggage, across asynchronous work. */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  contextStore,
  followAsyncWork,
  synchronousStore,
} from "../../src/platform/internal.ts";
import {
  activeBaggage,
  activeSpanContext,
  createTracer,
  inject,
  NO_BAGGAGE,
  spanFromContext,
  traceContext,
  useAsyncLocalStorage,
  withBaggage,
  withSpan,
} from "../../src/trace/mod.ts";
import { withoutContext, withSpanSync } from "../../src/trace/internal.ts";
import { withGlobals } from "../platform/fixtures.ts";
import { serve } from "../runtimes/server.ts";
import { traced } from "./fixtures.ts";

const id = () => spanFromContext()?.context.spanId;

test("activeSpan() follows awaits, timers, microtasks and callbacks", async () => {
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

test("activeSpan() does not mix up concurrent work", async () => {
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

test("traceContext() carries a span to an event listener", () => {
  const { tracer } = traced();
  const emitter = new EventEmitter();
  const seen: (string | undefined)[] = [];
  const [own, captured] = tracer.run("work", (span) => {
    emitter.on("tick", () => void seen.push(id()));
    return [span.context.spanId, traceContext()];
  });
  emitter.emit("tick");
  captured.run(() => emitter.emit("tick"));
  assert.deepEqual(seen, [undefined, own]);
});

test("traceContext() captures span and baggage, and is empty without them", () => {
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

test("traceContext() of an unrecorded trace propagates baggage alone", () => {
  const { span, inject } = withBaggage(
    { tenant: "blue" },
    () => createTracer().run("work", () => traceContext()),
  );
  const headers = new Headers();
  inject(headers);
  assert.equal(span?.propagates, false);
  assert.deepEqual([...headers], [["baggage", "tenant=blue"]]);
});

test("withoutContext() hides span and baggage from asynchronous work", async () => {
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

test("withBaggage() adds entries while its work runs", () => {
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

test("withSpanSync() restores the outer span, also after an exception", () => {
  const { tracer } = traced();
  const inner = tracer.start("inner");
  tracer.run("work", (span) => {
    withSpanSync(inner, () => {
      withSpanSync(span, () => assert.equal(id(), span.context.spanId));
      assert.equal(id(), inner.context.spanId);
    });
    assert.throws(() =>
      withSpanSync(inner, () => {
        throw new Error("boom");
      })
    );
    assert.equal(id(), span.context.spanId);
  });
  assert.equal(id(), undefined);
});

test("withSpan() hides the outer span, also for a span that does not propagate", () => {
  const { tracer } = traced();
  const silent = { ...tracer.start("x"), propagates: false } as never;
  tracer.run("outer", () => {
    assert.equal(
      withSpan(silent, NO_BAGGAGE, () => activeSpanContext()),
      undefined,
    );
  });
});

test("a server started within a span does not pass it to its requests", async () => {
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

test("context stores are independent of each other and can be nested", async () => {
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

test("Tracer.run() passes baggage of one entry on without a listener", () => {
  const tracer = createTracer();
  const baggage = new Map([["user", { value: "7" }]]);
  const work = () => activeBaggage().get("user")?.value;
  assert.equal(tracer.run("work", work, { parent: null, baggage }), "7");
});

test("withSpan() passes baggage of one entry on for a span that does not propagate", () => {
  const span = createTracer().start("work", { parent: null });
  const baggage = new Map([["user", { value: "7" }]]);
  const inner = withSpan(span, baggage, () => activeBaggage().get("user"));
  assert.equal(inner?.value, "7");
});

test("withSpan() opens no context for a span that does not propagate", () => {
  const span = createTracer().start("work", { parent: null });
  const inner = withSpan(span, NO_BAGGAGE, () => spanFromContext());
  assert.equal(inner, undefined);
});

test("followAsyncWork() makes a store follow await, from then on", async () => {
  const store = synchronousStore<number>();
  const later = () => store.run(1, async () => (await null, store.get()));
  assert.equal(await later(), undefined);
  followAsyncWork(store, AsyncLocalStorage);
  assert.equal(await later(), undefined, "this runtime has the class itself");
  let inner: Promise<number | undefined> | undefined;
  withGlobals({ process: undefined }, () => {
    store.run(7, () => {
      followAsyncWork(store, AsyncLocalStorage);
      assert.equal(store.get(), undefined);
      inner = later();
    });
  });
  assert.equal(await inner, 1);
  assert.equal(store.get(), undefined);
});

test("useAsyncLocalStorage() refuses what is no class", () => {
  useAsyncLocalStorage(AsyncLocalStorage);
  for (const wrong of [undefined, {}, "AsyncLocalStorage"]) {
    assert.throws(
      () => useAsyncLocalStorage(wrong as never),
      /Cannot use an AsyncLocalStorage of type \w+: give the class/,
    );
  }
});
