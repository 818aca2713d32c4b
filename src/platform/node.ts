/**
 * The runtime Node: see `Runtime`. Unknown runtimes use it too, because it looks
 * up everything that they may lack before it uses it.
 */
import { builtin } from "./builtin.ts";
import { isFetch, utf8Of } from "./fetch_text.ts";
import type { Listener, ListenOptions, ServeHandler } from "./listener.ts";
import type { ProcessLike } from "./process_info.ts";
import { listenByNode, type NodeHttp } from "./serve_node.ts";
import type { Upgrade } from "./websocket.ts";

export {
  never as onHostStop,
  no as encodesResponses,
  no as exportsTelemetry,
  no as isRequestBound,
} from "./answers.ts";
export { asyncStore as contextStore } from "./context.ts";
export { zlibCompress as compress, zlibDeflate as deflate } from "./deflate.ts";
export { nodeFleet as fleetPlatform } from "./fleet_node.ts";
export { nodeProcessInfo as processInfo } from "./node_process.ts";
export { processProgram as program } from "./program.ts";
export { tlsFetch } from "./tls_fetch.ts";
export { processVariable as variable } from "./variable.ts";

export async function serve(
  handler: ServeHandler,
  options: ListenOptions,
): Promise<Listener | undefined> {
  const module = builtin<NodeHttp>(
    options.tls === undefined ? "node:http" : "node:https",
  );
  if (module === undefined) return undefined;
  const { unix = "" } = options;
  // Node 22 cuts a longer path, and listens there.
  if (new TextEncoder().encode(unix).length > MAX_SOCKET_PATH) {
    throw withCode("ENAMETOOLONG", `the path ${unix} is too long`);
  }
  try {
    return await listenByNode(module, handler, options);
  } catch (error) {
    if (unix === "" || isInFolder(unix)) throw error;
    // Node calls this a missing permission.
    throw withCode("ENOENT", `there is no folder for ${unix}`);
  }
}

/** Maximum length of the path of a Unix socket on Linux, in bytes. */
const MAX_SOCKET_PATH = 107;

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

interface Files {
  existsSync(path: string): boolean;
}

/** Returns whether the folder of a path exists. */
function isInFolder(path: string): boolean {
  const end = path.lastIndexOf("/");
  const folder = end < 0 ? "." : path.slice(0, end + 1);
  return builtin<Files>("node:fs")?.existsSync(folder) !== false;
}

/** Always unavailable: Node has no API for the server side of a WebSocket. */
export function upgradeWebSocket(): Upgrade {
  return { state: "unavailable" };
}

/** Known of Node only: unknown runtimes use this file, too. */
export function turnsPerPoll(): number | undefined {
  const { process } = globalThis as { readonly process?: ProcessLike };
  return process?.versions?.["node"] === undefined ? undefined : 1;
}

export function nextUrlOf(fetch: unknown): typeof nodeUrl | undefined {
  const own =
    /^(async )?function fetch\(input, init = undefined\) \{[^]*undici/i;
  return isFetch(fetch, own) ? nodeUrl : undefined;
}

/** Node reads the bytes of a location as UTF-8. */
function nodeUrl(location: string, from: URL): URL {
  return new URL(utf8Of(location), from);
}
