/**
 * Parsers of the files that Linux keeps about a process under `/proc/self`.
 *
 * Source: proc(5).
 */

/** Returns bytes of virtual memory from `/proc/self/stat`, if it has them. */
export function virtualMemoryIn(stat: string): number | undefined {
  // The program name may hold spaces and parentheses: start after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return numberIn(fields[20]); // field 23, `vsize`
}

/** Returns the soft limit of open files from `/proc/self/limits`. */
export function maxFilesIn(limits: string): number | undefined {
  return numberIn(/^Max open files\s+(\S+)/m.exec(limits)?.[1]);
}

/** Returns the soft limit of virtual memory in bytes; undefined if unlimited. */
export function maxMemoryIn(limits: string): number | undefined {
  return numberIn(/^Max address space\s+(\S+)/m.exec(limits)?.[1]);
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}
