/**
 * The cost of publishing an event by the number of subscribers, compared with
 * released emitters, which call each listener synchronously.
 */
import * as module from "mitt";
import { createBus } from "../src/bus/mod.ts";
import type { Case, Question } from "./harness.ts";

interface Events {
  readonly tick: { readonly n: number };
}

/** The released emitter, with types for the parts that the bench uses. */
const mitt = module.default as unknown as () => {
  on(type: "tick", listener: (event: Events["tick"]) => void): void;
  emit(type: "tick", event: Events["tick"]): void;
};

const BURST = 100;
const LISTENERS = [0, 1, 100, 1000];

/** Publishes to subscribers that never read and cost nothing. */
function idle(count: number): Case {
  const bus = createBus<Events>();
  for (let i = 0; i < count; i++) bus.subscribe();
  return {
    name: `${count} subscribers`,
    role: count === 1000 ? "barograph" : "reference",
    run: (times) => {
      for (let n = 0; n < times; n++) bus.publish("tick", { n });
      return bus.newest;
    },
  };
}

/** Publishes bursts to subscribers that wake up once per burst and read all of it. */
function reading(count: number): Case {
  const bus = createBus<Events>();
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const subscription = bus.subscribe();
    void (async () => {
      while (await subscription.ready()) {
        while (subscription.read() !== undefined) seen++;
      }
    })();
  }
  return {
    name: "barograph",
    role: "barograph",
    run: async (times) => {
      for (let n = 0; n < times; n += BURST) {
        for (let i = 0; i < BURST; i++) bus.publish("tick", { n });
        const expected = bus.newest * count;
        while (seen < expected) await null;
      }
      return seen;
    },
  };
}

function emitter(count: number): Case {
  const events = mitt();
  let seen = 0;
  for (let i = 0; i < count; i++) {
    events.on("tick", ({ n }) => void (seen += n));
  }
  return {
    name: "mitt",
    role: "rival",
    run: (times) => {
      for (let n = 0; n < times; n++) events.emit("tick", { n });
      return seen;
    },
  };
}

function target(count: number): Case {
  const events = new EventTarget();
  let seen = 0;
  for (let i = 0; i < count; i++) {
    events.addEventListener(
      "tick",
      (event) => void (seen += (event as CustomEvent<{ n: number }>).detail.n),
    );
  }
  return {
    name: "EventTarget",
    role: "reference",
    run: (times) => {
      for (let n = 0; n < times; n++) {
        events.dispatchEvent(new CustomEvent("tick", { detail: { n } }));
      }
      return seen;
    },
  };
}

export function busQuestions(): Question[] {
  return [
    {
      title: "`publish()` to 1000 subscribers that never read",
      unit: "ns",
      times: 20_000,
      cases: LISTENERS.map(idle),
    },
    ...LISTENERS.slice(1).map((count): Question => ({
      title: `an event to ${count} subscriber${count === 1 ? "" : "s"}`,
      unit: "ns",
      times: count < 1000 ? 10_000 : 1000,
      cases: [reading(count), emitter(count), target(count)],
    })),
  ];
}
