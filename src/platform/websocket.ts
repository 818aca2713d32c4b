/** The types of the server side of a WebSocket, the same on every runtime. */

/** Receives the events of a socket. */
export interface SocketListener {
  /** Called when the socket is open and text can be sent. */
  opened(socket: Socket): void;
  /** Called once, when the socket is closed by either side. */
  closed(): void;
}

/** A socket that text is sent to. */
export interface Socket {
  /** Sends a text frame; buffers what the client does not read. */
  send(text: string): void;
  /** Returns the number of buffered bytes. */
  buffered(): number;
  /** Resolves when less than `bytes` are buffered, or the socket is closed. */
  drained(bytes: number): Promise<void>;
  /** Closes the socket with a code of RFC 6455. */
  close(code: number, reason: string): void;
}

/** The outcome of an upgrade. */
export type Upgrade =
  /** The handler must return this response. */
  | { readonly state: "answer"; readonly response: Response }
  /** The server has answered; the handler returns nothing. */
  | { readonly state: "answered" }
  /** Neither the runtime nor the server can upgrade. */
  | { readonly state: "unavailable" };

/** Seconds after which a client that answers no ping is disconnected. */
export const IDLE_SECONDS = 30;
