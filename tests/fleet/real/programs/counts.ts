/** What the application of the tests counts with. */
export interface Counts {
  /** The number of the slot; undefined without one. */
  readonly slot?: number | undefined;
  /** Counts an order that has taken so many seconds. */
  count(seconds: number): void;
  /** Publishes what was counted. */
  flush(): void;
  /** Answers a scrape. */
  metrics(request: Request): Promise<Response>;
}
