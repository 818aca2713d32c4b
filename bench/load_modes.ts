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
    name: "unscraped",
    title: "barograph, never scraped",
    server: ["barograph"],
    scraped: "never",
  },
  {
    name: "gzip",
    title: "barograph, gzip",
    server: ["barograph"],
    scraped: "gzip",
  },
  {
    name: "plain",
    title: "barograph, plain",
    server: ["barograph"],
    scraped: "plain",
  },
  {
    name: "rival",
    title: "@prometheus-io/client, gzip",
    server: ["rival"],
    scraped: "gzip",
  },
  {
    name: "nothing",
    title: "without metrics",
    server: ["nothing"],
    scraped: "never",
  },
  {
    name: "uncached",
    title: "barograph, `keep: 0`, gzip",
    server: ["barograph", { keep: 0 }],
    scraped: "gzip",
  },
];

/** Modes that run only if they are named. */
export const ON_DEMAND: readonly string[] = ["uncached"];
