/** The server side of a WebSocket, with the same types on every runtime. */

/** Receives the events of a socket. */
export interface SocketListener {
  /** Called when the socket is open and text can be sent. */
  opened(socket: Socket): void;
  /** Called once, when the socket is closed by either side. */
  closed(): void;
}

/** A socket that sends text to a client. */
export interface Socket {
  /** Sends a text frame; buffers it until the client reads. */
  send(text: string): void;
  /** Returns the number of buffered bytes. */
  buffered(): number;
  /** Resolves when fewer than `bytes` are buffered or the socket is closed. */
  drained(bytes: number): Promise<void>;
  /** Closes the socket with a status code of RFC 6455, section 7.4. */
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
