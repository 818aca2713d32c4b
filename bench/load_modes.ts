/**
 * The modes of the load test: what its server does beside answering, and how
 * it is scraped. The first one is what the others are compared with.
 */

export interface Mode {
  readonly name: string;
  readonly title: string;
  /** What `load_server.ts` is told. */
  readonly server: readonly [mode: string, options?: object];
  /** Whether a scraper asks, and with which encoding. */
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
    title: "without metrics, 41 MB of nothing a second",
    server: ["bytes", { bytes: 41_000_000 }],
    scraped: "plain",
  },
  {
    name: "pieces",
    title: "the same in pieces of 8 KiB",
    server: ["bytes", { bytes: 41_000_000, piece: 8192 }],
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
    name: "unkept",
    title: "barograph, `keep: 0`",
    server: ["barograph", { keep: 0 }],
    scraped: "plain",
  },
];

/** Those that are looked at only where they are asked for. */
export const ON_DEMAND: readonly string[] = [
  "pieces",
  "unscraped",
  "unkept",
];
