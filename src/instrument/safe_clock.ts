/** Clocks of users, which may fail; the work that they measure must not. */
import { type Clock, systemClock } from "../base/mod.ts";

/** Returns `clock`, with 0 for a reading that throws or is not finite. */
export function safeClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  return {
    unix: () => reading(() => clock.unix()),
    mono: () => reading(() => clock.mono()),
  };
}

function reading(read: () => number): number {
  try {
    const seconds = read();
    return Number.isFinite(seconds) ? seconds : 0;
  } catch {
    return 0;
  }
}
