/** Answers of collectors about metrics. */

/** Returns an answer in JSON that reports `rejected` points. */
export function partialSuccess(rejected: number, errorMessage = ""): Response {
  return Response.json({
    partialSuccess: { rejectedDataPoints: String(rejected), errorMessage },
  });
}
