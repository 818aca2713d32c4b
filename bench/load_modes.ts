/**
 * Modes of the load test: what the server records, and how it is scraped. All
 * modes are compared with the first one.
 */

export interface Mode {
  readonly name: string;
  readonly title: string;
  /** Arguments of `load_server.ts`. */
  readonly server: readonly [mode: string, options?: object];
  /** Whether the server is scraped, and with which encoding. */
  readonly scraped: "gzip" | "plain" | "never";
}

export const MODES: readonly Mode[] = [
  {
    name: "nothing",
    title: "without metrics",
    server: ["nothing"],
    scraped: "never",
  },
  {
    name: "bytes",
    title: "without metrics, 41 MB per second of constant bytes",
    server: ["bytes", { bytes: 41_000_000 }],
    scraped: "plain",
  },
  {
    name: "chunks",
    title: "the same in chunks of 8 KiB",
    server: ["bytes", { bytes: 41_000_000, chunk: 8192 }],
    scraped: "plain",
  },
  {
    name: "unscraped",
    title: "barograph, never scraped",
    server: ["barograph"],
    scraped: "never",
  },
  {
    name: "plain",
    title: "barograph",
    server: ["barograph"],
    scraped: "plain",
  },
  {
    name: "gzip",
    title: "barograph, gzip",
    server: ["barograph"],
    scraped: "gzip",
  },
  {
    name: "rival",
    title: "@prometheus-io/client",
    server: ["rival"],
    scraped: "plain",
  },
  {
    name: "uncached",
    title: "barograph, `keep: 0`",
    server: ["barograph", { keep: 0 }],
    scraped: "plain",
  },
];

/** Modes that run only if they are named. */
export const ON_DEMAND: readonly string[] = [
  "chunks",
  "unscraped",
  "uncached",
];
