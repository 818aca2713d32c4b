/** `examples/operations.ts` as a process of this runtime, on free ports. */
import type { ChildProcess } from "node:child_process";
import { kill } from "../fleet/real/members.ts";
import { freePort, until } from "../oracle/prometheus.ts";
import { start } from "../support/programs.ts";

/** The running example. */
export interface Shop extends AsyncDisposable {
  /** The address of the application. */
  readonly url: string;
  /** The address of the telemetry server. */
  readonly telemetry: string;
  readonly ports: { readonly shop: number; readonly telemetry: number };
  /** Sends SIGTERM, and returns how the process has ended. */
  end(): Promise<number | string | null>;
}

/** Starts the example, and resolves when it is ready. */
export async function startShop(
  variables: Readonly<Record<string, string>> = {},
): Promise<Shop> {
  const ports = { shop: await freePort(), telemetry: await freePort() };
  const child = start("examples/operations.ts", [], {
    variables: {
      PORT: String(ports.shop),
      TELEMETRY_PORT: String(ports.telemetry),
      ...variables,
    },
  });
  let errors = "";
  child.stderr!.on("data", (text) => errors += text);
  const end = ending(child);
  const telemetry = `http://127.0.0.1:${ports.telemetry}`;
  const started = until(async () => {
    const { ok } = await fetch(`${telemetry}/ready`);
    return ok || undefined;
  });
  const early = end.then((how) => {
    throw new Error(`the shop has ended: ${how}. ${errors}`);
  });
  early.catch(() => {});
  await Promise.race([started, early]);
  return {
    url: `http://127.0.0.1:${ports.shop}`,
    telemetry,
    ports,
    end() {
      kill(child, "SIGTERM");
      return end;
    },
    async [Symbol.asyncDispose]() {
      kill(child, "SIGKILL");
      await end;
    },
  };
}

function ending(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal))
  );
}
