/** A program on this runtime that is configured by its environment only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";
import { ended, start } from "../support/programs.ts";
import { recordingCollector } from "./recording_collector.ts";

const timeout = 120_000;
const PROGRAM = "tests/telemetry/environment_program.ts";
const WITHOUT_ENV = ["--allow-net"];

async function run(
  variables: Readonly<Record<string, string>>,
  permissions?: readonly string[],
  args: readonly string[] = [],
): Promise<{ isComplete: boolean; logged: readonly string[] }> {
  const options = permissions === undefined
    ? { variables }
    : { variables, permissions };
  const { stdout, stderr, code } = await ended(start(PROGRAM, args, options));
  assert.equal(code, 0, stderr);
  const line = stdout.split("\n").find((line) => line.startsWith("{"));
  return JSON.parse(line!);
}

test(
  "variables of the process start the export, and wrong ones are reported once",
  {
    timeout,
  },
  async () => {
    await using collector = recordingCollector();
    const { isComplete, logged } = await run({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_SERVICE_NAME: "shop",
      OTEL_TRACES_SAMPLER: "sometimes",
    });
    assert.equal(isComplete, true);
    assert.equal(logged.length, 1, logged.join("\n"));
    assert.match(logged[0]!, /^barograph: OTEL_TRACES_SAMPLER has "sometimes"/);
    const { scopeSpans: [{ spans }] } =
      collector.json("/v1/traces").resourceSpans[0];
    const names = spans.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ["checkout", "GET /"]);
  },
);

test("without variables nothing is exported or reported", {
  timeout,
}, async () => {
  assert.deepEqual(await run({}), { isComplete: true, logged: [] });
});

test("without the permission to read them, variables are unset", {
  timeout,
  ...skippedUnless(RUNTIME === "deno", "only Deno has permissions"),
}, async () => {
  await using collector = recordingCollector();
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  assert.deepEqual(await run(variables, WITHOUT_ENV), {
    isComplete: true,
    logged: [],
  });
  assert.deepEqual(collector.paths(), []);
  const some = ["--allow-net", "--allow-env=OTEL_EXPORTER_OTLP_*"];
  await run(variables, some);
  assert.ok(collector.paths().includes("/v1/traces"));
});

test("with OTEL_DENO, only the runtime exports", {
  timeout,
  ...skippedUnless(RUNTIME === "deno", "only Deno exports telemetry itself"),
}, async () => {
  await using collector = recordingCollector();
  const { logged } = await run({
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  });
  assert.equal(logged.length, 1);
  assert.match(logged[0]!, /^barograph: the runtime exports .*OTEL_DENO/);
  assert.ok(collector.paths().includes("/v1/traces"));
  const bodies = collector.received.map(({ body }) =>
    new TextDecoder().decode(body)
  );
  for (const body of bodies) assert.doesNotMatch(body, /: ?"barograph"/);
  const servers = bodies.join("\n").match(/"kind": ?2\b/g) ?? [];
  assert.equal(servers.length, 1, "one span of kind server for the request");
});

test(
  "with OTEL_DENO, the option collector sends what the runtime does not know of",
  {
    timeout,
    ...skippedUnless(RUNTIME === "deno", "only Deno exports telemetry itself"),
  },
  async () => {
    await using theirs = recordingCollector();
    await using ours = recordingCollector();
    const { logged } = await run(
      {
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: theirs.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      },
      undefined,
      [ours.url],
    );
    assert.deepEqual(logged, []);
    assert.deepEqual(ours.paths(), ["/v1/traces"]);
    const [{ scopeSpans: [{ spans }] }] = ours.json("/v1/traces").resourceSpans;
    assert.deepEqual(spans.map(({ name }: { name: string }) => name), [
      "checkout",
    ]);
    const [{ parentSpanId }] = spans;
    const sent = theirs.received.map(({ body }) =>
      new TextDecoder().decode(body)
    ).join("\n");
    assert.ok(
      sent.includes(`"${parentSpanId}"`),
      "a child of the runtime's span",
    );
    assert.ok(!sent.includes('"checkout"'));
  },
);
