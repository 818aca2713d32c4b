/**
 * What Linux tells of a process under `/proc/self`.
 *
 * Source: proc(5).
 */

/** Bytes of virtual memory in `/proc/self/stat`; undefined if it is not there. */
export function virtualMemoryIn(stat: string): number | undefined {
  // The name of the program may hold blanks and brackets: go from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return numberIn(fields[20]); // field 23, `vsize`
}

/** The most files that may be open, in `/proc/self/limits`. */
export function maxFilesIn(limits: string): number | undefined {
  return numberIn(/^Max open files\s+(\S+)/m.exec(limits)?.[1]);
}

/** The most virtual memory that there may be; undefined if it has no limit. */
export function maxMemoryIn(limits: string): number | undefined {
  return numberIn(/^Max address space\s+(\S+)/m.exec(limits)?.[1]);
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}
