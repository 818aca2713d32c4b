/** A wire to a server that can be cut: connections end, and new ones are refused. */
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port that hands connections on to another one. */
export class Wire {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: number | undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as { readonly port: number }).port;
    server.on("connection", (socket) => this.#join(socket));
  }

  /** Opens a wire to a port on this machine. */
  static open(target: number): Promise<Wire> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.on("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(new Wire(server, target)));
    });
  }

  /** The origin for clients. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #join(socket: Socket): void {
    if (this.#target === undefined) {
      socket.destroy();
      return;
    }
    const other = connect(this.#target, "127.0.0.1");
    for (const [one, two] of [[socket, other], [other, socket]] as const) {
      this.#sockets.add(one);
      one.pipe(two);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        two.destroy();
      });
    }
  }

  /** Ends all connections, and accepts no others until `mend`. */
  cut(): void {
    this.#target = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts connections again, to the same or another port. */
  mend(target: number): void {
    this.#target = target;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    return new Promise((done) => void this.#server.close(() => done()));
  }
}
