/** Answers of runtimes to questions about themselves. */

export function yes(): boolean {
  return true;
}

export function no(): boolean {
  return false;
}
