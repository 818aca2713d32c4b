/**
 * Facts about files, as `lstatSync` of `node:fs` returns them with `EXACT`.
 *
 * Without it, Node up to 22 keeps the kind of the file in memory that its module
 * loader reads: after a socket, an `import()` does not follow the next link, so that
 * packages which are installed as links do not find their dependencies.
 */

/** The option of `lstatSync`. */
export const EXACT = { bigint: true } as const;

/** Numbers about a file. */
export interface ExactStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly mtimeMs: bigint;
  readonly ctimeNs: bigint;
  isDirectory(): boolean;
  isSocket(): boolean;
}
