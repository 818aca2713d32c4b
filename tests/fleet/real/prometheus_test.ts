/** A real Prometheus counts what the load generator has counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configFor, Prometheus, until } from "../../oracle/prometheus.ts";
import { needs, PROMETHEUS } from "../../oracle/programs.ts";
import { pause } from "./load.ts";
import { GROUPS, type StartGroup, stormOnPort } from "./shared_port.ts";
import { RUNTIME } from "../../runtimes/server.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { broken, COUNTER, DELAY, INTERVAL, inWords, IS_LONG } from "./storm.ts";

const { [RUNTIME]: [group, startGroup] } = GROUPS;

test(`increase() of Prometheus is what was counted by ${group}`, {
  timeout: 600_000,
  ...(RUNTIME === "bun" || IS_LONG ? needs("PROMETHEUS") : skippedUnless(
    false,
    "only Bun does this without `deno task fleet:long`",
  )),
}, async () => {
  let server: Prometheus | undefined;
  try {
    const start: StartGroup = async (port, variables) => {
      const started = await startGroup(port, variables);
      server ??= await Prometheus.start(
        PROMETHEUS!,
        [],
        configFor(port, "metrics"),
      );
      await server.untilUp();
      return started;
    };
    const samples = () => server!.samples(`${COUNTER}[1h]`);
    // All that was counted is published, and then scraped.
    const isSettled = async (): Promise<void> => {
      await pause(INTERVAL + DELAY);
      const end = Date.now() / 1000;
      await until(async () =>
        (await samples()).some(([time]) => time > end) || undefined
      );
    };
    const outcome = await stormOnPort(start, {}, isSettled);
    const all = await samples();
    const [end, total] = all.at(-1)!;
    const value = async (query: string): Promise<number> =>
      Number(await server!.value(query));
    const figures = {
      // Nothing is extrapolated between a zero and a sample.
      increase: await value(`increase(${COUNTER}[1h] @ ${end})`),
      resets: await value(`resets(${COUNTER}[1h] @ ${end})`),
      samples: all.length,
      failed: await value("count_over_time(up[1h]) - sum_over_time(up[1h])"),
    };
    const words = `${JSON.stringify(figures)} ${inWords(outcome)}`;
    if (IS_LONG) console.log(`${group}: ${words}`);
    assert.deepEqual(broken(outcome), [], words);
    assert.equal(all[0]![1], "0", words);
    assert.equal(figures.resets, 0, words);
    assert.equal(figures.increase, Number(total), words);
    assert.ok(figures.increase <= outcome.sent, words);
    assert.ok(
      figures.increase >= outcome.acknowledged - outcome.allowed,
      words,
    );
  } finally {
    await server?.[Symbol.asyncDispose]();
  }
});
