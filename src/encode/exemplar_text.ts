/** Exemplars as the OpenMetrics formats write them. */
import type { ByteWriter } from "../base/mod.ts";
import { isLabelName } from "../base/internal.ts";
import type { Exemplar } from "../model/mod.ts";

/** Whether every reader takes the names of its labels. */
export function hasLegalNames({ labels }: Exemplar): boolean {
  for (const name in labels) if (!isLabelName(name)) return false;
  return true;
}

/** The size of its names and values in code points; `most` + 1 for any more. */
export function codePointsOf({ labels }: Exemplar, most: number): number {
  let size = 0;
  for (const [name, value] of Object.entries(labels)) {
    if (name.length > 2 * most || value.length > 2 * most) return most + 1;
    size += [...name].length + [...value].length;
  }
  return size;
}

/** ` # {labels} value timestamp`; no timestamp if it is unknown. */
export function writeExemplar(exemplar: Exemplar, out: ByteWriter): void {
  let separator = " # {";
  for (const [name, label] of Object.entries(exemplar.labels)) {
    out.ascii(`${separator}${name}="`);
    out.escaped(label, true);
    out.ascii('"');
    separator = ",";
  }
  out.ascii(separator === "," ? "} " : " # {} ");
  out.number(exemplar.value);
  if (!(exemplar.timestamp > 0)) return;
  out.ascii(" ");
  out.number(exemplar.timestamp);
}
