/** A pusher of one counter, with fake timers and a fake target. */
import { createRegistry } from "../../mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { Pusher } from "../../src/push/pusher.ts";
import type {
  PushRequest,
  PushTarget,
  RequestOutcome,
} from "../../src/push/push_target.ts";
import { PushTimers } from "./fixtures.ts";

/** A request with the value of the only counter, and the time of the pass. */
export interface Value extends PushRequest {
  readonly value: number;
  readonly time: number;
  readonly job: string;
}

export const ACCEPTED: RequestOutcome = { state: "accepted", rejected: 0 };
export const DOWN: RequestOutcome = {
  state: "retry",
  after: undefined,
  error: new Error("down"),
};

/** Returns a pusher of one counter, and the requests that its target gets. */
export function setUp(
  answer: (
    value: Value,
    nth: number,
  ) => RequestOutcome | Promise<RequestOutcome> = () => ACCEPTED,
  settings: {
    readonly interval?: number;
    readonly capacity?: number;
    readonly maxAge?: number;
    readonly maxTries?: number;
    readonly size?: number;
    readonly sources?: readonly Source[];
    readonly reads?: ((job: string) => boolean) | undefined;
  } = {},
) {
  const { size = 1, sources = [], interval = 0, ...given } = settings;
  const timers = new PushTimers();
  const registry = createRegistry({ clock: timers.clock, selfMetrics: false });
  const counter = registry.counter({ name: "a_total", help: "A." });
  for (const source of sources) registry.add(source);
  const sent: Value[] = [];
  const errors: string[] = [];
  const target: PushTarget<Value, string> = {
    capacity: 1,
    maxTries: Infinity,
    maxAge: 60,
    ...given,
    encode(pass, job) {
      const values: Value[] = [];
      pass.collect({
        mark: () => {},
        rollback: () => {},
        family: () => true,
        number: (_labels, value) =>
          void values.push({ points: 1, value, time: pass.time, job }),
        histogram: () => {},
        summary: () => {},
      });
      return values.flatMap((value) => Array<Value>(size).fill(value));
    },
    send: async (value) => {
      sent.push(value);
      return await answer(value, sent.length);
    },
  };
  const onError = ({ message }: Error) => void errors.push(message);
  const pusher = new Pusher({
    source: registry,
    target,
    job: "push",
    onError,
    options: {
      onError,
      interval,
      timeout: 10,
      timers,
      clock: timers.clock,
      random: () => 0.5,
      signals: false,
    },
  });
  const values = (): number[] => sent.map(({ value }) => value);
  return { pusher, timers, counter, sent, values, errors };
}

/** Returns the counts of pushes, then those of points, in the order of `stats`. */
export function countsOf(
  { pusher }: { readonly pusher: Pusher<Value, string> },
) {
  const { queued, exported, lost, rejected, points } = pusher.stats();
  return [
    [queued, exported, lost, rejected],
    [points.queued, points.exported, points.lost, points.rejected],
  ];
}
