/** Calling something later, without keeping the process alive for it. */
import { unref } from "../platform/internal.ts";

/**
 * Calls `work` after some seconds; the result calls that off. With `holds`, the
 * process is not to end before.
 */
export type Schedule = (
  seconds: number,
  work: () => void,
  holds: boolean,
) => () => void;

/** A timer of more than 2^31 milliseconds would go off at once. */
const MOST_SECONDS = 1e6;

/** By the timers of the platform; what is no number of seconds, at once. */
export const byTimer: Schedule = (seconds, work, holds) => {
  const wait = seconds > 0 ? Math.min(seconds, MOST_SECONDS) : 0;
  const timer = setTimeout(work, wait * 1000);
  if (!holds) unref(timer);
  return () => clearTimeout(timer);
};
