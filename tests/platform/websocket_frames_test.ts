/** Frames of RFC 6455, in pieces of any size. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  closeFrame,
  FrameReader,
  pingFrame,
  pongFrame,
  textFrame,
} from "../../src/platform/websocket_frames.ts";
import * as fc from "../support/property.ts";

const MAX = 100;

/** A frame of a client, and what a reader reports for it. */
interface ClientFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Uint8Array;
  readonly mask: Uint8Array;
}

function encode({ opcode, isFinal, payload, mask }: ClientFrame): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = opcode | (isFinal ? 0x80 : 0);
  head[1] = 0x80 | (length < 126 ? length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeUInt32BE(length, 6);
  const masked = payload.map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.concat([head, mask, masked]);
}

/** Reads `bytes` in pieces of `size`; returns the calls of the listener. */
function callsFor(bytes: Uint8Array, size = bytes.length): string[] {
  const calls: string[] = [];
  const reader = new FrameReader({
    received: (bytes) => void calls.push(`received ${bytes}`),
    pinged: (payload) => void calls.push(`pinged ${payload}`),
    closing: () => void calls.push("closing"),
    exceeded: (bytes) => void calls.push(`exceeded ${bytes}`),
    failed: () => void calls.push("failed"),
  }, MAX);
  for (let at = 0; at < bytes.length; at += size) {
    reader.read(bytes.subarray(at, at + size));
  }
  const isDone = calls.includes("closing") || calls.includes("failed");
  assert.equal(reader.isDone, isDone);
  return calls;
}

/** The calls for whole frames, by a model without state machines. */
function expected(frames: readonly ClientFrame[]): string[] {
  const calls: string[] = [];
  let message: number | undefined;
  for (const { opcode, isFinal, payload } of frames) {
    const { length } = payload;
    if (opcode >= 8) {
      if (!isFinal || length > 125 || opcode > 10) return [...calls, "failed"];
      if (opcode === 8) return [...calls, "closing"];
      calls.push(`received ${length}`);
      if (opcode === 9) calls.push(`pinged ${payload}`);
      continue;
    }
    const isLegal = message === undefined
      ? opcode === 1 || opcode === 2
      : opcode === 0;
    if (!isLegal) return [...calls, "failed"];
    message = (message ?? 0) + length;
    if (message > MAX) calls.push(`exceeded ${message}`);
    calls.push(`received ${message}`);
    if (isFinal) message = undefined;
  }
  return calls;
}

const clientFrame = fc.record({
  opcode: fc.constantFrom(0, 0, 1, 1, 2, 3, 8, 9, 9, 10, 11),
  isFinal: fc.boolean(),
  payload: fc.oneof(
    { weight: 10, arbitrary: fc.uint8Array({ maxLength: 130 }) },
    fc.constantFrom(200, 65_535, 65_536).map((size) => new Uint8Array(size)),
  ),
  mask: fc.uint8Array({ minLength: 4, maxLength: 4 }),
});

test("law: frames are read alike in pieces of any size", () => {
  fc.assert(fc.property(
    fc.array(clientFrame, { maxLength: 8 }),
    fc.integer({ min: 1, max: 300 }),
    (frames, size) => {
      const bytes = Buffer.concat(frames.map(encode));
      assert.deepEqual(callsFor(bytes, size), expected(frames));
    },
  ));
});

test("law: no bytes make the reader throw", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 500 }),
    fc.integer({ min: 1, max: 50 }),
    (bytes, size) => {
      assert.deepEqual(callsFor(bytes, size), callsFor(bytes));
    },
  ));
});

test("a frame without a mask, or with a reserved bit, breaks the protocol", () => {
  assert.deepEqual(callsFor(Uint8Array.of(0x81, 0x02, 104, 105)), ["failed"]);
  for (const bit of [0x40, 0x20, 0x10]) {
    assert.deepEqual(callsFor(Uint8Array.of(0x81 | bit, 0x82)), ["failed"]);
  }
});

test("a message is reported as too large by its header alone", () => {
  const huge = Uint8Array.of(1, 0xff, ...Array(8).fill(255), 0, 0, 0, 0);
  const calls = callsFor(huge);
  assert.equal(calls.length, 1);
  assert.match(calls[0]!, /^exceeded 18446744073709552000$/);
});

test("frames of a server have the shortest length and no mask", () => {
  assert.deepEqual([...textFrame("hi")], [0x81, 2, 104, 105]);
  assert.deepEqual([...textFrame("é")], [0x81, 2, 0xc3, 0xa9]);
  for (
    const [length, head] of [
      [125, [0x81, 125]],
      [126, [0x81, 126, 0, 126]],
      [65_535, [0x81, 126, 255, 255]],
      [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
    ] as const
  ) {
    const frame = textFrame("x".repeat(length));
    assert.deepEqual([...frame.subarray(0, head.length)], [...head]);
    assert.equal(frame.length, head.length + length);
  }
  assert.deepEqual([...pingFrame()], [0x89, 0]);
  assert.deepEqual([...pongFrame(Uint8Array.of(7))], [0x8a, 1, 7]);
  assert.deepEqual([...closeFrame(1001, "a")], [0x88, 3, 3, 233, 97]);
  assert.equal(closeFrame(1001, "x".repeat(500)).length, 127);
});
