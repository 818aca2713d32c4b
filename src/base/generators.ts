/**
 * Observes the end of a generator.
 *
 * - The generator stays the same object: its three methods are replaced on it.
 * - A generator that nobody reads to its end and nobody stops does not end.
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
}

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
 * methods cannot be replaced, such as on a frozen object.
 */
export function whenExhausted(
  generator: AnyGenerator,
  task: GeneratorTask,
): boolean {
  let isOpen = true;
  const end = (failed: boolean, outcome: unknown): void => {
    if (!isOpen) return;
    isOpen = false;
    task.settled(failed, outcome);
  };
  const read = (result: unknown): void => {
    const { done, value } = Object(result) as IteratorResult<unknown>;
    if (done) end(false, value);
  };
  const part = (method: AnyGenerator["next"], given: []): unknown => {
    const call = () => method.apply(generator, given);
    return isOpen && task.within !== undefined ? task.within(call) : call();
  };
  try {
    for (const name of METHODS) {
      const method = generator[name];
      const value = (...given: []) =>
        observed(() => part(method, given), read, end);
      Object.defineProperty(generator, name, {
        value,
        configurable: true,
        writable: true,
      });
    }
    return true;
  } catch {
    isOpen = false; // the caller ends the task
    return false;
  }
}

/** Calls `call`, and passes what it returns, resolves to or throws. */
function observed(
  call: () => unknown,
  read: (result: unknown) => void,
  end: (failed: true, error: unknown) => void,
): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    end(true, error);
    throw error;
  }
  if (!isThenable(result)) {
    read(result);
    return result;
  }
  return Promise.resolve(result).then((value) => {
    read(value);
    return value;
  }, (error) => {
    end(true, error);
    throw error;
  });
}
