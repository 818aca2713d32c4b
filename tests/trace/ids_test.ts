import assert from "node:assert/strict";
import { test } from "node:test";
import { createTracer } from "../../src/trace/mod.ts";
import { counting, traced } from "./fixtures.ts";

test("trace ids have 32 hexadecimal digits, span ids 16, and all differ", () => {
  const { tracer, spans } = traced();
  for (let i = 0; i < 2000; i++) tracer.start("work").end();
  const traces = new Set(spans.map(({ context }) => context.traceId));
  const ids = new Set(spans.map(({ context }) => context.spanId));
  assert.equal(traces.size, 2000);
  assert.equal(ids.size, 2000);
  for (const id of traces) assert.match(id, /^[0-9a-f]{32}$/);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
});

test("ids use the bytes of the option `random` in order", () => {
  const { tracer, spans } = traced({ random: counting() });
  tracer.start("a").end();
  tracer.start("b").end();
  assert.deepEqual(
    spans.map(({ context: { traceId, spanId } }) => [
      traceId,
      spanId,
    ]),
    [
      ["00000000000000010000000000000002", "0000000000000003"],
      ["00000000000000040000000000000005", "0000000000000006"],
    ],
  );
});

test("ids are never all zero", () => {
  const { tracer, spans } = traced({ random: (bytes) => void bytes.fill(0) });
  tracer.start("work").end();
  assert.equal(spans[0]?.context.traceId, "1".padStart(32, "0"));
  assert.equal(spans[0].context.spanId, "1".padStart(16, "0"));
});

test("an unrecorded span calls `random` only when an id is read", () => {
  let calls = 0;
  const tracer = createTracer({
    random: (bytes) => {
      calls++;
      bytes.fill(7);
    },
  });
  tracer.start("work").end();
  assert.equal(calls, 0);
  assert.match(tracer.start("work").context.traceId, /^(?:07){16}$/);
  assert.equal(calls, 1);
});
