/**
 * A program with many clients of one feed; its arguments are
 * `port healthy stuck events`.
 *
 * It compares each byte of the feed with the expected one. It prints `open` when
 * all clients are connected, `at <id>` whenever all healthy clients have reached
 * a later event, and `done` at the end; or the first error. It ends when its
 * standard input ends.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import { Dechunker, sendRequest } from "./events_client.ts";
import { loadFrame } from "./events_load.ts";

const [port = 0, healthy = 0, stuck = 0, events = 0] = process.argv.slice(2)
  .map(Number);

const HELLO = "retry: 2000\n\n";
const COMMENT = Buffer.from(":\n\n");
const LINE_END = 10;

/** The expected body without comments, and the offsets of the frame ends. */
const frames = Array.from({ length: events }, (_, i) => loadFrame(i + 1));
const EXPECTED = Buffer.from(HELLO + frames.join(""));
const ENDS = new Uint32Array(events + 1);
ENDS[0] = HELLO.length;
frames.forEach(({ length }, i) => ENDS[i + 1] = ENDS[i]! + length);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(reason: string): never {
  print(reason);
  process.exit(1);
}

/** Compares the bytes of one client with the expected ones. */
class Checker {
  readonly #dechunker = new Dechunker();
  #head = "";
  #hasHead = false;
  /** The number of bytes of an incomplete comment. */
  #comment = 0;
  /** The number of bytes that matched, without comments. */
  at = 0;
  /** The id of the last complete event. */
  id = 0;

  take(bytes: Buffer): void {
    if (this.#hasHead) return this.#takeChunks(bytes);
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 200")) fail(this.#head);
    this.#hasHead = true;
    this.#takeChunks(Buffer.from(this.#head.slice(end + 4), "latin1"));
  }

  get isOpen(): boolean {
    return this.at > 0;
  }

  #takeChunks(bytes: Buffer): void {
    for (const content of this.#dechunker.push(bytes)) this.#check(content);
    while (this.id < events && ENDS[this.id + 1]! <= this.at) this.id++;
  }

  #check(content: Buffer): void {
    const end = this.at + content.length;
    if (
      this.#comment === 0 && end <= EXPECTED.length &&
      EXPECTED.compare(content, 0, content.length, this.at, end) === 0
    ) {
      this.at = end;
      return;
    }
    for (const byte of content) this.#checkByte(byte);
  }

  #checkByte(byte: number): void {
    const { at } = this;
    if (this.#comment === 0 && byte === EXPECTED[at]) {
      this.at++;
      return;
    }
    const isBetweenFrames = EXPECTED[at - 1] === LINE_END &&
      EXPECTED[at - 2] === LINE_END;
    if (!isBetweenFrames || byte !== COMMENT[this.#comment]) {
      fail(`an unexpected byte came at ${at}, after event ${this.id}`);
    }
    this.#comment = (this.#comment + 1) % COMMENT.length;
  }
}

const sockets: Socket[] = [];
const checkers = Array.from({ length: healthy }, () => {
  const checker = new Checker();
  const socket = sendRequest(port);
  socket.on("data", (bytes: Buffer) => checker.take(bytes));
  socket.on("error", (error) => fail(`a client was cut off: ${error}`));
  socket.on("end", () => fail("a client was disconnected"));
  sockets.push(socket);
  return checker;
});
for (let i = 0; i < stuck; i++) {
  const socket = sendRequest(port).pause();
  socket.on("error", () => {}); // it may be disconnected
  sockets.push(socket);
}

let slowest = -1;
const polling = setInterval(() => {
  if (slowest < 0) {
    if (!checkers.every(({ isOpen }) => isOpen)) return;
    slowest = 0;
    print("open");
  }
  let min = events;
  for (const { id } of checkers) if (id < min) min = id;
  if (min === slowest) return;
  slowest = min;
  print(`at ${slowest}`);
  if (slowest < events) return;
  clearInterval(polling);
  print("done");
}, 2);

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
