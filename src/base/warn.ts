/** Warnings of this module: the only place that writes to the log. */

/** Writes one line to the log; never throws. */
export function warn(text: string): void {
  try {
    console.warn(`barograph: ${text}`);
  } catch {
    // The program may have replaced `console`.
  }
}
