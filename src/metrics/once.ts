/** Returns a disposable that calls `dispose` at most once. */
export function once(dispose: () => void): Disposable {
  let isDisposed = false;
  return {
    [Symbol.dispose](): void {
      if (!isDisposed) dispose();
      isDisposed = true;
    },
  };
}
