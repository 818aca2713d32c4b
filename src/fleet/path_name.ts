/** Names of directories, for names of services. */

/** The maximum length of the readable part. */
const MAX_LENGTH = 18;

/**
 * Returns a name for a directory, which differs for different texts: the end of
 * the text as far as it is plain, and a hash of all of it (two runs of FNV-1a with
 * 32 bits).
 */
export function pathName(text: string): string {
  const plain = text.replace(/\.[cm]?[jt]sx?$/, "").split("/").at(-1)!
    .replace(/[^A-Za-z0-9_-]+/g, "-").slice(-MAX_LENGTH);
  const hash = fnv(text, 0x811c9dc5) + fnv(`${text}\0`, 0x01000193);
  return `${plain || "service"}-${hash}`;
}

function fnv(text: string, seed: number): string {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
