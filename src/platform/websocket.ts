/** The server side of a WebSocket, with the same types on every runtime. */

/** Receives the events of a socket. */
export interface SocketListener {
  /** Called when the socket is open and text can be sent. */
  opened(socket: Socket): void;
  /**
   * Called for each message and each control frame of the client, with its
   * size in bytes. Contents are dropped: a feed reads nothing from its clients.
   */
  received(bytes: number): void;
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
  /**
   * Closes the socket with a status code of RFC 6455, section 7.4. A client that
   * does not answer is disconnected after `CLOSE_SECONDS`.
   */
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

/** Seconds that a client has to answer a close frame. */
export const CLOSE_SECONDS = 3;

/** The maximum size of a message from a client, in bytes. */
export const MAX_MESSAGE_BYTES = 1024;

/** A token of RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;

/**
 * Returns the first subprotocol that a client offers; undefined if it offers
 * none. Browsers close a connection whose server chooses none of their offers.
 */
export function chosenProtocol(request: Request): string | undefined {
  const offers = request.headers.get("sec-websocket-protocol");
  return offers?.split(",", 16).map((offer) => offer.trim())
    .find((offer) => TOKEN.test(offer));
}
