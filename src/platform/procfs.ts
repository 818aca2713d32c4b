/**
 * Parses the files about a process that Linux provides under `/proc/self`.
 *
 * Source: proc(5).
 */

/** Returns the bytes of virtual memory from `/proc/self/status`. */
export function virtualMemoryIn(status: string): number | undefined {
  return bytesIn(/^VmSize:\s+(\S+) kB$/m.exec(status)?.[1]);
}

/** Returns the bytes of data and heap from `/proc/self/status`. */
export function heapMemoryIn(status: string): number | undefined {
  return bytesIn(/^VmData:\s+(\S+) kB$/m.exec(status)?.[1]);
}

/** Returns the soft limit of open files; undefined if unlimited. */
export function maxFilesIn(limits: string): number | undefined {
  return numberIn(/^Max open files\s+(\S+)/m.exec(limits)?.[1]);
}

/** Returns the soft limit of virtual memory in bytes; undefined if unlimited. */
export function maxMemoryIn(limits: string): number | undefined {
  return numberIn(/^Max address space\s+(\S+)/m.exec(limits)?.[1]);
}

function bytesIn(kilobytes: string | undefined): number | undefined {
  const number = numberIn(kilobytes);
  return number && number * 1024;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}
