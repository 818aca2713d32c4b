/** Answers of runtimes to questions about themselves. */

export function yes(): boolean {
  return true;
}

export function no(): boolean {
  return false;
}

/** Never calls its argument; returns a function that does nothing. */
export function never(): () => void {
  return () => {};
}
