/** WebSocket clients of feeds: one of the runtime, and one on a raw socket. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { FeedItem } from "../http/events_fixtures.ts";
import { sendRequest } from "./events_client.ts";

/** How a connection was closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A client with the WebSocket of the runtime; frames must be JSON objects. */
export class Listener {
  readonly frames: FeedItem[] = [];
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<Closing>;
  #taken = 0;
  #arrived: () => void = () => {};

  constructor(url: string) {
    this.socket = new WebSocket(url.replace("http", "ws"));
    this.socket.onmessage = ({ data }) => {
      assert.equal(typeof data, "string");
      this.frames.push(JSON.parse(data) as FeedItem);
      this.#arrived();
    };
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve();
      this.socket.onerror = () => reject(new Error("it did not open"));
    });
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    this.opened.catch(() => {});
  }

  /** Waits for the next frames. */
  async take(count: number): Promise<FeedItem[]> {
    const end = this.#taken + count;
    while (this.frames.length < end) {
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
    const taken = this.frames.slice(this.#taken, end);
    this.#taken = end;
    return taken;
  }

  async ids(count: number): Promise<number[]> {
    return (await this.take(count)).map(({ id }) => id);
  }
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

export interface Handshake {
  readonly status: number;
  /** The response head and the bytes that arrived with it. */
  readonly text: string;
  readonly socket: Socket;
}

/** The headers of a WebSocket handshake. */
export const UPGRADE: Readonly<Record<string, string>> = {
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": KEY,
};

/** Sends a handshake on a raw socket; reads nothing after the response. */
export function handshake(
  port: number,
  path = "/events",
  headers: Readonly<Record<string, string>> = {},
): Promise<Handshake> {
  const socket = sendRequest(port, {
    path,
    headers: { ...UPGRADE, ...headers },
  });
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (bytes: Buffer) => {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [, length = "0"] = /content-length: (\d+)/i.exec(text) ?? [];
      if (text.length < end + 4 + Number(length)) return;
      const isChunked = /transfer-encoding: chunked/i.test(text);
      if (isChunked && !text.endsWith("\r\n0\r\n\r\n")) return;
      socket.pause();
      socket.off("data", read);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
      resolve({ status, text, socket });
    };
    socket.on("data", read);
    socket.on("error", reject);
  });
}

/** Encodes a client frame with a zero mask. */
export function frame(opcode: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string);
  const head = bytes.length < 126
    ? Buffer.from([0x80 | opcode, 0x80 | bytes.length])
    : Buffer.from([0x80 | opcode, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (bytes.length >= 126) head.writeUInt32BE(bytes.length, 6);
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
}
