/**
 * Observes the end of a generator.
 *
 * - The generator stays the same object: its three methods are replaced on it.
 * - A generator that is neither read to its end nor stopped does not end.
 */
import { isThenable } from "./thenable.ts";

/** Runs a part of some work in the context of that work. */
export type Within = <R>(part: () => R) => R;

/** The end of a generator, and the context of its body. */
export interface GeneratorTask {
  /** Receives whether the generator failed, and its result or error. */
  settled(failed: boolean, outcome: unknown): void;
  /** Runs each part of the body. Default: the body runs as its reader does. */
  readonly within?: Within | undefined;
  /**
   * Is called with true when the work has returned a generator, and with false
   * before it is first read: its body has not begun in between, and never
   * begins if the generator is not read.
   */
  waits?(isWaiting: boolean): void;
}

/** The tasks of one generator, which work may return again and again. */
interface Observed {
  /** The tasks that end with the generator, in the order of their returns. */
  open: GeneratorTask[];
  /** The tasks among them that wait for the first read. */
  waiting: GeneratorTask[];
  /** The context of the body: that of the innermost task which has one. */
  within: Within | undefined;
  /** Whether its methods could be replaced. */
  isObserved: boolean;
}

/** The number of tasks of one generator; further ones end when it is returned. */
const MAX_TASKS = 1000;

/** Each generator is observed once: its methods are wrapped only once. */
const OBSERVED = /* @__PURE__ */ new WeakMap<object, Observed>();

const METHODS = ["next", "return", "throw"] as const;

type AnyGenerator = Record<
  typeof METHODS[number],
  (value?: unknown) => unknown
>;

/** Returns whether `value` is a generator of either kind; never throws. */
export function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== "object" || value === null) return false;
  try {
    // Iterators of lists have no `throw`; cursors of databases have only `next`.
    const generator = value as AnyGenerator & AsyncGenerator & Generator;
    return typeof generator.next === "function" &&
      typeof generator.return === "function" &&
      typeof generator.throw === "function" &&
      typeof (generator[Symbol.asyncIterator] ?? generator[Symbol.iterator]) ===
        "function";
  } catch {
    return false; // a getter that throws
  }
}

/**
 * Calls `task.settled` once when `generator` has ended. Returns false if its
 * methods cannot be replaced, such as on a frozen object, or if it has too many
 * tasks.
 */
export function whenExhausted(
  generator: AnyGenerator,
  task: GeneratorTask,
): boolean {
  const observed = OBSERVED.get(generator) ?? observe(generator);
  const { isObserved, open, waiting } = observed;
  if (!isObserved || open.length >= MAX_TASKS) return false;
  open.push(task);
  observed.within ??= task.within;
  if (task.waits !== undefined) {
    waiting.push(task);
    task.waits(true);
  }
  return true;
}

/** Replaces the methods of a generator, so that its tasks end with it. */
function observe(generator: AnyGenerator): Observed {
  const observed: Observed = {
    open: [],
    waiting: [],
    within: undefined,
    isObserved: true,
  };
  OBSERVED.set(generator, observed);
  const end = (failed: boolean, outcome: unknown): void => {
    const ended = observed.open;
    observed.open = [];
    observed.within = undefined;
    settleAll(ended, failed, outcome);
  };
  const part = (method: AnyGenerator["next"], given: []): unknown => {
    const { waiting, within } = observed;
    if (waiting.length > 0) {
      observed.waiting = [];
      for (const task of waiting) task.waits!(false);
    }
    const call = () => method.apply(generator, given);
    return within !== undefined ? within(call) : call();
  };
  try {
    for (const name of METHODS) {
      const method = generator[name];
      const value = (...given: []) => watched(() => part(method, given), end);
      Object.defineProperty(generator, name, {
        value,
        configurable: true,
        writable: true,
      });
    }
  } catch {
    observed.isObserved = false; // callers end their tasks
  }
  return observed;
}

/** Ends all tasks, also if one throws, as those of strict registries do. */
function settleAll(
  tasks: readonly GeneratorTask[],
  failed: boolean,
  outcome: unknown,
): void {
  const errors: unknown[] = [];
  for (const task of tasks) {
    try {
      task.settled(failed, outcome);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

type End = (failed: boolean, outcome: unknown) => void;

/** Calls `call`, and calls `end` if it ends the generator. */
function watched(call: () => unknown, end: End): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    end(true, error);
    throw error;
  }
  if (!isThenable(result)) {
    read(result, end);
    return result;
  }
  return Promise.resolve(result).then((value) => {
    read(value, end);
    return value;
  }, (error) => {
    end(true, error);
    throw error;
  });
}

/** Calls `end` if `result` is the last one of a generator. */
function read(result: unknown, end: End): void {
  const { done, value } = Object(result) as IteratorResult<unknown>;
  if (done) end(false, value);
}
