/** The native bucket of infinite values. */

/**
 * Returns `bucketIndex(Infinity, schema)`, for schemas -4 to 8. It has its own
 * file so that encoders do not import the tables of `bucket_index.ts`.
 */
export function infinityBucket(schema: number): number {
  return 1024 * 2 ** schema + 1;
}
