/** Clocks of users, which may fail; the work that they measure must not. */
import { type Clock, systemClock } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";

/** Returns `clock`, with 0 for a reading that throws or is no finite number. */
export function safeClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  const unix = (): number => clock.unix();
  const mono = (): number => clock.mono();
  return { unix: () => reading(unix), mono: () => reading(mono) };
}

function reading(read: () => number): number {
  const seconds = callSafely<undefined, number>(read, undefined);
  return Number.isFinite(seconds) ? seconds! : 0;
}
