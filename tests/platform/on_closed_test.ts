/** The end of responses of `node:http`, also of those that wait for others. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { onClosed } from "../../src/platform/internal.ts";
import type { NodeRequest, NodeResponse } from "../../src/platform/mod.ts";

/** Returns responses that wait for earlier ones of the connection `socket`. */
function waiting(socket: EventEmitter, count: number) {
  const closed: number[] = [];
  const responses = Array.from({ length: count }, (_, i) => {
    const response = Object.assign(new EventEmitter(), { socket: null });
    onClosed(
      { socket, httpVersionMajor: 1 } as unknown as NodeRequest,
      response as unknown as NodeResponse,
      () => void closed.push(i),
    );
    return response;
  });
  return { closed, responses };
}

test("onClosed() calls a listener when the connection is closed", () => {
  const socket = new EventEmitter();
  const { closed } = waiting(socket, 20);
  assert.equal(socket.listenerCount("close"), 1);
  socket.emit("close");
  assert.deepEqual(closed, [...closed.keys()]);
  assert.equal(closed.length, 20);
});

test("onClosed() forgets the responses that a connection has sent", () => {
  const socket = new EventEmitter();
  const { closed, responses } = waiting(socket, 20);
  for (const response of responses.slice(0, 19)) response.emit("close");
  assert.equal(closed.length, 19);
  socket.emit("close"); // tells the last one only
  assert.deepEqual(closed, [...closed.keys()]);
  assert.equal(closed.length, 20);
});
