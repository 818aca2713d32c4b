/**
 * Parses the files about a process that Linux provides under `/proc/self`.
 *
 * Source: proc(5).
 */

/** Returns the bytes of virtual memory from `/proc/self/stat`. */
export function virtualMemoryIn(stat: string): number | undefined {
  // The program name may contain spaces and parentheses: use the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return numberIn(fields[20]); // field 23, `vsize`
}

/** Returns the soft limit of open files; undefined if unlimited. */
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
