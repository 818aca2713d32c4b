/**
 * The grouping key of a Pushgateway: the labels in the path of a group,
 * `/metrics/job/<job>/<label>/<value>…`.
 *
 * Source: the README of the Pushgateway, "URL".
 */
import {
  display,
  escapedLabel,
  isClassicLabel,
  isUtf8Name,
  quoted,
} from "../../base/internal.ts";
import { isOfTypes } from "../type_labels.ts";

/** The labels of a group, `job` first; no label has the same name as another. */
export type GroupLabels = ReadonlyMap<string, string>;

/**
 * Checks the labels of a group. Values are made well-formed: a path can hold any
 * Unicode text, but no lone surrogates.
 *
 * @throws {TypeError} If a label is wrong. The message begins with `action`.
 */
export function groupLabels(
  action: string,
  job: string,
  grouping: Readonly<Record<string, unknown>>,
): GroupLabels {
  if (job === "") {
    throw new TypeError(`${action}: job is empty; give it, such as "backup"`);
  }
  const labels = new Map([["job", job.toWellFormed()]]);
  for (const [name, value] of Object.entries(grouping)) {
    const error = (reason: string): TypeError =>
      new TypeError(`${action}: the grouping label ${quoted(name)} ${reason}`);
    if (name === "job") throw error("is the option job; give it there");
    if (isOfTypes(name)) {
      throw error("is written by histograms and summaries; give another name");
    }
    if (!isUtf8Name(name) || name.startsWith("U__")) {
      throw error(`cannot be a label; give a name such as "instance"`);
    }
    if (typeof value !== "string") {
      throw error(`is ${display(value)}; give a string`);
    }
    labels.set(name, value.toWellFormed());
  }
  return labels;
}

/** Returns the path of a group, from `/metrics` on. */
export function groupPath(labels: GroupLabels): string {
  let path = "/metrics";
  for (const [name, value] of labels) {
    // A gateway reads other names only with `--push.enable-utf8-names`.
    const written = isClassicLabel(name) ? name : escapedLabel(name, "values");
    path += isSegment(value)
      ? `/${written}/${encodeURIComponent(value)}`
      : `/${written}@base64/${base64(value)}`;
  }
  return path;
}

/**
 * Returns whether a value can be a segment of a path. An empty one, a slash and
 * dots are lost on the way, even if they are percent-encoded.
 */
function isSegment(value: string): boolean {
  return value !== "" && value !== "." && value !== ".." &&
    !value.includes("/");
}

/** Returns a text in base64 for URLs (RFC 4648, section 5); `=` for an empty one. */
function base64(value: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(value)) {
    bytes += String.fromCharCode(byte);
  }
  const text = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_");
  return text.replace(/=+$/, "") || "=";
}
