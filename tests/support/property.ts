/**
 * Configures fast-check. All property tests import this module instead of the
 * package, so that one configuration holds for every law.
 *
 * - `defaultSizeToMaxWhenMaxSpecified`: an array of `maxLength: 1000` has up to
 *   1000 elements. By default fast-check stops at 10, and the code for long
 *   arrays is never reached.
 * - `assert()` runs fewer rounds in the everyday run; see `rounds.ts`.
 */
import {
  assert as assertAll,
  configureGlobal,
  type IAsyncProperty,
  type IProperty,
  type IRawProperty,
  type Parameters,
} from "fast-check";
import { rounds } from "./rounds.ts";

configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });

export * from "fast-check";

/** Checks a law like `assert()` of fast-check, with `rounds(numRuns)` rounds. */
export function assert<T>(
  property: IAsyncProperty<T>,
  parameters?: Parameters<T>,
): Promise<void>;
export function assert<T>(
  property: IProperty<T>,
  parameters?: Parameters<T>,
): void;
export function assert<T>(
  property: IRawProperty<T>,
  parameters: Parameters<T> = {},
): Promise<void> | void {
  const { numRuns = 100 } = parameters;
  return assertAll(property, { ...parameters, numRuns: rounds(numRuns) });
}
