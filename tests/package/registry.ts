/** A registry of npm on loopback that has one package, as npm's own serves it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A running registry. */
export interface Registry {
  /** Its address, with a slash at the end. */
  readonly url: string;
  /** The paths that were requested so far. */
  readonly requested: readonly string[];
  close(): Promise<void>;
}

/** Starts a registry that serves a packed package. */
export async function startRegistry(
  manifest: { readonly name: string; readonly version: string },
  tarball: string,
): Promise<Registry> {
  const { name, version } = manifest;
  const bytes = readFileSync(tarball);
  const hash = (algorithm: string) => createHash(algorithm).update(bytes);
  const requested: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!);
    requested.push(path);
    if (path === `/${name}/-/package.tgz`) {
      response.end(bytes);
      return;
    }
    if (path !== `/${name}`) {
      response.writeHead(404).end("{}");
      return;
    }
    const dist = {
      tarball: `${url}${name}/-/package.tgz`,
      shasum: hash("sha1").digest("hex"),
      integrity: `sha512-${hash("sha512").digest("base64")}`,
    };
    response.setHeader("content-type", "application/json").end(JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
    }));
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    requested,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
