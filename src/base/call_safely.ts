/**
 * Calls functions that users pass in: options, listeners, collectors.
 *
 * The rule for all of them: such a function may throw, return a promise, or
 * return a promise that rejects. None of these ends the process, and none
 * replaces the result or the error of the work that is measured.
 */
import { ignoreRejection, isThenable } from "./thenable.ts";

/**
 * Calls `call` with `argument` and returns the result; undefined if it throws.
 * The rejection of a returned promise is handled. `onFault` receives what was
 * thrown, or what a returned promise rejects with; it is called safely too.
 *
 * Cost: one call and, for a result that is an object, one property read.
 */
export function callSafely<A, R>(
  call: (argument: A) => R,
  argument: A,
  onFault?: (error: unknown) => unknown,
): R | undefined {
  try {
    const result = call(argument);
    if (result === undefined) return undefined;
    if (onFault === undefined) ignoreRejection(result);
    else if (isThenable(result)) watch(result, onFault);
    return result;
  } catch (error) {
    if (onFault !== undefined) callSafely(onFault, error);
    return undefined;
  }
}

/** Separate from `callSafely`, which runs per request: a closure costs a scope. */
function watch(
  result: PromiseLike<unknown>,
  onFault: (error: unknown) => unknown,
): void {
  Promise.resolve(result).catch((error) => void callSafely(onFault, error));
}
