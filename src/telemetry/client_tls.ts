/** Certificates of exporters, from the files that variables name. */
import { errorMessage } from "../base/internal.ts";
import type { Certificate, SignalSettings } from "../otel/internal.ts";
import { program, tlsFetch } from "../platform/internal.ts";
import type { PostFetch } from "../push/mod.ts";
import { platformFetch } from "../push/internal.ts";
import { report } from "./environment.ts";

/**
 * Returns a `fetch` that presents and checks certificates; undefined without any.
 * A file that cannot be read is reported, and left out: a server that needs it
 * refuses the requests.
 */
export function fetchWith(
  files: SignalSettings["files"],
): PostFetch | undefined {
  const tls: Partial<Record<Certificate, string>> = {};
  for (const purpose of ["ca", "cert", "key"] as const) {
    const file = files[purpose];
    if (file === undefined) continue;
    try {
      tls[purpose] = program().readText(file.path);
    } catch (error) {
      const reason = errorMessage(error);
      report(file.name, `${file.name} has no effect: ${reason}`);
    }
  }
  if (Object.keys(tls).length === 0) return undefined;
  const secure = tlsFetch(tls);
  if (secure === undefined) {
    report(
      "tlsFetch",
      "OTEL_EXPORTER_OTLP_CERTIFICATE and its like have no effect on this " +
        "runtime, whose requests take no certificates",
    );
    return undefined;
  }
  return (url, init) =>
    (url.startsWith("https:") ? secure : platformFetch)(url, init);
}
