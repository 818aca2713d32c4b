/** A registry and its history, with timers that only a test advances. */
import {
  type HistoryOptions,
  keepHistory,
} from "../../../src/dashboard/history/history.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import { type FakeClock, FakeTimers } from "../../../src/testing/mod.ts";

export interface World {
  readonly registry: Registry;
  readonly timers: FakeTimers;
  readonly clock: FakeClock;
  start(options?: HistoryOptions): ReturnType<typeof keepHistory>;
}

export function setUp(): World {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock });
  return {
    registry,
    timers,
    clock,
    start: (options) => keepHistory(registry, { clock, timers, ...options }),
  };
}
