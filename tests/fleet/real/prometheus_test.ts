/** A real Prometheus counts what the load generator has counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configFor, Prometheus, until } from "../../oracle/prometheus.ts";
import { needs, PROMETHEUS } from "../../oracle/programs.ts";
import { GROUPS, stormOnPort } from "./shared_port.ts";
import { RUNTIME } from "../../runtimes/server.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { broken, COUNTER, inWords, IS_LONG } from "./storm.ts";

const { [RUNTIME]: [group, startGroup] } = GROUPS;

test(`Prometheus sees no reset in ${group}`, {
  timeout: 600_000,
  ...(RUNTIME === "bun" || IS_LONG ? needs("PROMETHEUS") : skippedUnless(
    false,
    "only Bun does this without `deno task fleet:long`",
  )),
}, async () => {
  let server: Prometheus | undefined;
  try {
    const outcome = await stormOnPort(async (port, variables) => {
      const started = await startGroup(port, variables);
      server ??= await Prometheus.start(
        PROMETHEUS!,
        [],
        configFor(port, "metrics"),
      );
      await server.untilUp();
      return started;
    });
    assert.deepEqual(broken(outcome), [], inWords(outcome));
    const resets = await until(() => server!.value(`resets(${COUNTER}[10m])`));
    assert.equal(resets, "0");
    const highest = Number(
      await server!.value(`max_over_time(${COUNTER}[10m])`),
    );
    assert.ok(highest <= outcome.sent, inWords(outcome));
    assert.ok(
      highest >= outcome.acknowledged - outcome.allowed,
      inWords(outcome),
    );
  } finally {
    await server?.[Symbol.asyncDispose]();
  }
});
