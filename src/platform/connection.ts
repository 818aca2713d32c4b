/**
 * Facts about the connection of a request, as far as the runtime knows them.
 * Headers of proxies, which any client can send, are not trusted.
 */
import { NODE_REQUEST, type NodeRequest } from "./node_http.ts";

/** Facts about a connection; unknown ones are undefined. */
export interface Connection {
  /** The host that the client has requested, with the port if it sent one. */
  readonly host: string | undefined;
  /** The address of the other end: the client, or the proxy before it. */
  readonly peer: string | undefined;
}

/** The part of a connection of `node:net` that is used here. */
interface NodeSocket {
  readonly remoteAddress?: unknown;
}

/** The second argument of a handler of `Deno.serve` or `Bun.serve`. */
interface ServerOrInfo {
  readonly remoteAddr?: { readonly hostname?: unknown };
  requestIP?(request: unknown): { readonly address?: unknown } | null;
}

/**
 * Returns facts about the connection of `request`, which is a `Request`, or an
 * object that stands for a request of `node:http`. `server` is the second
 * argument of the handler. Never throws.
 */
export function connectionOf(request: object, server: unknown): Connection {
  try {
    const incoming = incomingOf(request);
    if (incoming === undefined) {
      return { host: undefined, peer: textOf(peerOf(request, server)) };
    }
    const { headers, socket } = incoming;
    return {
      host: textOf(headers[":authority"] ?? headers["host"]),
      peer: textOf((socket as NodeSocket | undefined)?.remoteAddress),
    };
  } catch {
    return { host: undefined, peer: undefined };
  }
}

/**
 * Returns the version of HTTP by which `request` came: `1.0`, `1.1`, `2` or `3`;
 * "" if it is not known, as for most requests of fetch-style servers. Never
 * throws.
 */
export function protocolVersionOf(request: object): string {
  try {
    switch (incomingOf(request)?.httpVersion) {
      case "1.0":
        return "1.0";
      case "1.1":
        return "1.1";
      case "2.0":
      case "2":
        return "2";
      case "3.0":
      case "3":
        return "3";
    }
  } catch {
    // a framework's request, or none at all
  }
  return "";
}

function incomingOf(request: object): NodeRequest | undefined {
  return (request as { readonly [NODE_REQUEST]?: NodeRequest })[NODE_REQUEST];
}

function peerOf(request: object, server: unknown): unknown {
  const { remoteAddr, requestIP } = Object(server) as ServerOrInfo;
  if (remoteAddr !== undefined) return remoteAddr.hostname;
  if (typeof requestIP !== "function") return undefined;
  return requestIP.call(server, request)?.address;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
