import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ASLEEP_AFTER,
  Feed,
  type FeedMessage,
  type FeedState,
  STALLED_AFTER,
} from "../../../page/core/feed.ts";

class Refused extends Error {}

/** A request that is open. */
interface Open {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly send: (text: string) => void;
  readonly end: () => void;
}

/** A server, a clock and timers that the test drives. */
class World {
  now = 0;
  readonly opened: Open[] = [];
  readonly messages: FeedMessage[] = [];
  readonly states: FeedState["kind"][] = [];
  failure: Error | undefined;
  #timers: { readonly at: number; readonly work: () => void }[] = [];
  readonly feed = new Feed({
    open: (path, signal) => this.#open(path, signal),
    isRefused: (error) => error instanceof Refused,
    after: (seconds, work) => {
      const timer = { at: this.now + seconds, work };
      this.#timers.push(timer);
      return () => this.#timers = this.#timers.filter((each) => each !== timer);
    },
    now: () => this.now,
    random: () => 0.5,
    onMessage: (message) => this.messages.push(message),
    onState: ({ kind }) => this.states.push(kind),
  });

  #open(path: string, signal: AbortSignal): Promise<Response> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
    });
    const encoder = new TextEncoder();
    signal.addEventListener("abort", () => controller.error(signal.reason));
    this.opened.push({
      path,
      signal,
      send: (text) => controller.enqueue(encoder.encode(text)),
      end: () => controller.close(),
    });
    return Promise.resolve(new Response(body));
  }

  get last(): Open {
    return this.opened.at(-1)!;
  }

  /** Moves the clock, and runs the timers that are due. */
  async pass(seconds: number): Promise<void> {
    const end = this.now + seconds;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.now = due.at;
      this.#timers = this.#timers.filter((each) => each !== due);
      due.work();
    }
    this.now = end;
    await settled();
  }

  /** Lets time pass while the server sends heartbeats. */
  async passAlive(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.pass(1);
      if (!this.last.signal.aborted) this.last.send(":\n\n");
    }
    await settled();
  }

  async frame(seq: number): Promise<void> {
    this.last.send(`id: e:${seq}\nevent: d\ndata: {"seq":${seq}}\n\n`);
    await settled();
  }
}

/** Lets promises and streams go on until they wait for something. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
}

test("Feed tells messages, and resumes after the newest id", async () => {
  const world = new World();
  world.feed.want("overview");
  await settled();
  assert.equal(world.last.path, "feed?want=overview");
  await world.frame(7);
  assert.deepEqual(world.messages, [{ name: "d", data: { seq: 7 } }]);
  assert.equal(world.feed.state.kind, "live");
  world.last.end();
  await settled();
  assert.deepEqual(world.feed.state, { kind: "waiting", until: 1 });
  await world.pass(1);
  assert.equal(world.last.path, "feed?want=overview&after=e%3A7");
});

test("Feed waits longer after each failure, at most 15 s, and anew after a message", async () => {
  const world = new World();
  world.failure = new TypeError("no network");
  world.feed.want("");
  const delays: number[] = [];
  for (let i = 0; i < 6; i++) {
    await settled();
    const { state } = world.feed;
    assert.ok(state.kind === "waiting");
    delays.push(state.until - world.now);
    await world.pass(state.until - world.now);
  }
  assert.deepEqual(delays, [1, 2, 4, 8, 15, 15]);
  world.failure = undefined;
  world.feed.open();
  await settled();
  await world.frame(1);
  world.last.end();
  await settled();
  assert.deepEqual(world.feed.state, { kind: "waiting", until: world.now + 1 });
});

test("Feed gives up a connection that stays silent", async () => {
  const world = new World();
  world.feed.want("");
  await settled();
  await world.pass(STALLED_AFTER - 1);
  world.last.send(": still here\n\n");
  await world.pass(STALLED_AFTER - 1);
  assert.equal(world.opened.length, 1);
  await world.pass(1);
  assert.equal(world.last.signal.aborted, true);
  assert.equal(world.feed.state.kind, "waiting");
});

test("Feed opens another request for another want, and hears no more of the old one", async () => {
  const world = new World();
  world.feed.want("overview");
  await settled();
  const old = world.last;
  await world.frame(1);
  world.feed.want("overview");
  assert.equal(world.opened.length, 1);
  world.feed.want("traces");
  await settled();
  assert.equal(old.signal.aborted, true);
  assert.equal(world.last.path, "feed?want=traces&after=e%3A1");
  assert.equal(world.feed.state.kind, "live");
  await world.frame(2);
  assert.equal(world.messages.length, 2);
});

test("Feed closes while paused; wants change silently", async () => {
  const world = new World();
  world.feed.want("overview");
  await settled();
  world.feed.pause();
  assert.equal(world.last.signal.aborted, true);
  world.feed.want("traces");
  await world.pass(100);
  assert.equal(world.opened.length, 1);
  assert.equal(world.feed.state.kind, "paused");
  world.feed.resume();
  await settled();
  assert.equal(world.last.path, "feed?want=traces");
});

test("Feed falls asleep 30 s after it is hidden, and wakes when it is seen", async () => {
  const world = new World();
  world.feed.want("");
  await settled();
  world.feed.hide();
  await world.passAlive(ASLEEP_AFTER - 11);
  world.feed.show();
  await world.passAlive(11);
  assert.equal(world.last.signal.aborted, false);
  world.feed.hide();
  await world.passAlive(ASLEEP_AFTER);
  assert.equal(world.last.signal.aborted, true);
  assert.equal(world.feed.state.kind, "asleep");
  world.feed.show();
  await settled();
  assert.equal(world.opened.length, 2);
});

test("Feed does not wake while it is paused", async () => {
  const world = new World();
  world.feed.want("");
  await settled();
  world.feed.pause();
  world.feed.sleep();
  world.feed.show();
  await settled();
  assert.equal(world.opened.length, 1);
  assert.equal(world.feed.state.kind, "paused");
});

test("Feed stops when its key is refused, until it is opened again", async () => {
  const world = new World();
  world.failure = new Refused();
  world.feed.want("");
  await world.pass(100);
  assert.deepEqual(world.states, ["connecting", "refused"]);
  world.failure = undefined;
  world.feed.open();
  await settled();
  assert.equal(world.opened.length, 1);
});

test("Feed begins at the newest frame after forget()", async () => {
  const world = new World();
  world.feed.want("");
  await settled();
  await world.frame(3);
  world.feed.forget();
  world.feed.open();
  await settled();
  assert.equal(world.last.path, "feed?want=");
});
