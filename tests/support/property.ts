/**
 * fast-check as all property tests use it: they import this module, not the
 * package, so that one configuration holds for every law.
 *
 * `defaultSizeToMaxWhenMaxSpecified`: an array of `maxLength: 1000` has up to
 * 1000 elements. By default fast-check stops at 10, and the code for long
 * arrays is never reached.
 */
import { configureGlobal } from "fast-check";

configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });

export * from "fast-check";
