/** Labels that types of metrics write. */

/**
 * Returns whether histograms or summaries write the label `name`: as a label of
 * all series it would overwrite theirs.
 */
export function isOfTypes(name: string): boolean {
  return name === "le" || name === "quantile";
}
