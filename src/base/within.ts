/** Waiting for work, up to a limit. */
import type { Timers } from "./timers.ts";

/**
 * Settles like `work`; resolves to `late` if `work` takes longer than `seconds`.
 * A later rejection of `work` is handled. Holds the process while it waits.
 */
export async function within<T, L>(
  work: Promise<T>,
  seconds: number,
  timers: Timers,
  late: L,
): Promise<T | L> {
  let cancel = () => {};
  const limit = new Promise<L>((resolve) => {
    cancel = timers.after(seconds, () => resolve(late), { holds: true });
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}
