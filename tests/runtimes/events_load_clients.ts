/**
 * A program of many clients of one feed: `port healthy stuck events`.
 *
 * It knows each byte that the feed is to send, and compares. It says `open`
 * when all clients are there, then `at <id>`, which all healthy ones have
 * reached, as that grows, then `done`; or what was wrong. It ends when its
 * input does.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import { ask, Dechunker } from "./events_client.ts";
import { loadFrame } from "./events_load.ts";

const [port = 0, healthy = 0, stuck = 0, events = 0] = process.argv.slice(2)
  .map(Number);

const HELLO = "retry: 2000\n\n";
const COMMENT = Buffer.from(":\n\n");
const LINE_END = 10;

/** All that comes, but for comments, and where each frame of it ends. */
const frames = Array.from({ length: events }, (_, i) => loadFrame(i + 1));
const EXPECTED = Buffer.from(HELLO + frames.join(""));
const ENDS = new Uint32Array(events + 1);
ENDS[0] = HELLO.length;
frames.forEach(({ length }, i) => ENDS[i + 1] = ENDS[i]! + length);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(why: string): never {
  say(why);
  process.exit(1);
}

/** A client that compares what it gets with what it should get. */
class Checker {
  readonly #dechunker = new Dechunker();
  #head = "";
  #hasBegun = false;
  /** Bytes of a comment that have come. */
  #comment = 0;
  /** Bytes that were as expected; comments do not count. */
  at = 0;
  /** The id that it has reached. */
  id = 0;

  take(bytes: Buffer): void {
    if (this.#hasBegun) return this.#takeChunks(bytes);
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 200")) fail(this.#head);
    this.#hasBegun = true;
    this.#takeChunks(Buffer.from(this.#head.slice(end + 4), "latin1"));
  }

  get isOpen(): boolean {
    return this.at > 0;
  }

  #takeChunks(bytes: Buffer): void {
    for (const piece of this.#dechunker.push(bytes)) this.#check(piece);
    while (this.id < events && ENDS[this.id + 1]! <= this.at) this.id++;
  }

  #check(piece: Buffer): void {
    const end = this.at + piece.length;
    if (
      this.#comment === 0 && end <= EXPECTED.length &&
      EXPECTED.compare(piece, 0, piece.length, this.at, end) === 0
    ) {
      this.at = end;
      return;
    }
    for (const byte of piece) this.#checkByte(byte);
  }

  #checkByte(byte: number): void {
    const { at } = this;
    if (this.#comment === 0 && byte === EXPECTED[at]) {
      this.at++;
      return;
    }
    const isBetween = EXPECTED[at - 1] === LINE_END &&
      EXPECTED[at - 2] === LINE_END;
    if (!isBetween || byte !== COMMENT[this.#comment]) {
      fail(`something else came at byte ${at}, after event ${this.id}`);
    }
    this.#comment = (this.#comment + 1) % COMMENT.length;
  }
}

const sockets: Socket[] = [];
const checkers = Array.from({ length: healthy }, () => {
  const checker = new Checker();
  const socket = ask(port);
  socket.on("data", (bytes: Buffer) => checker.take(bytes));
  socket.on("error", (error) => fail(`a client was cut off: ${error}`));
  socket.on("end", () => fail("a client was hung up on"));
  sockets.push(socket);
  return checker;
});
for (let i = 0; i < stuck; i++) {
  const socket = ask(port).pause();
  socket.on("error", () => {}); // it may be cut off
  sockets.push(socket);
}

let slowest = -1;
const looking = setInterval(() => {
  if (slowest < 0) {
    if (!checkers.every(({ isOpen }) => isOpen)) return;
    slowest = 0;
    say("open");
  }
  let least = events;
  for (const { id } of checkers) if (id < least) least = id;
  if (least === slowest) return;
  slowest = least;
  say(`at ${slowest}`);
  if (slowest < events) return;
  clearInterval(looking);
  say("done");
}, 2);

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
