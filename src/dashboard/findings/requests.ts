/** The requests of a series, as the rules for routes count them. */
import type { Change, FamilyInfo, RoleLabels } from "../protocol.ts";
import type { RouteName } from "./routes.ts";

/** Names of the label with the class of an error, in the conventions. */
const ERROR_TYPES = ["error_type", "error.type"];

/** Route and outcome of a series. */
export interface RequestSeries {
  readonly name: RouteName;
  readonly isFailed: boolean;
}

/** Returns route and outcome of a series with these values of its labels. */
export function requestSeries(
  { name: family, labels }: Pick<FamilyInfo, "name" | "labels">,
  { method, route, status }: RoleLabels,
  values: readonly string[],
): RequestSeries {
  const valueOf = (label: string | null | undefined): string =>
    label === null || label === undefined
      ? ""
      : values[labels.indexOf(label)] ?? "";
  const subject = Object.fromEntries(
    [method, route].filter((label) => label !== null)
      .map((label) => [label, valueOf(label)]),
  );
  const errorType = labels.find((label) => ERROR_TYPES.includes(label));
  return {
    name: {
      key: Object.values(subject).join(" ").trim(),
      subject,
      family,
    },
    isFailed: isFailure(valueOf(status), valueOf(errorType)),
  };
}

/**
 * Returns whether requests have failed, by the class or the code of their status.
 * A status of the client, 4xx, is no failure of the service.
 */
export function isFailure(status: string, errorType: string): boolean {
  if (status === "") return errorType !== "";
  return status.startsWith("5") || status === "error";
}

/** Returns the buckets of a change of a histogram, and their growth. */
export function* bucketsOf(
  change: Change,
): Generator<readonly [bucket: number, growth: number]> {
  for (let at = 2; at + 1 < change.length; at += 2) {
    const [bucket, growth] = [change[at], change[at + 1]];
    if (typeof bucket !== "number" || typeof growth !== "number") continue;
    if (growth > 0) yield [bucket, growth];
  }
}
