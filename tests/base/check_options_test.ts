import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, type Kinds } from "../../src/base/mod.ts";

interface Options {
  readonly size?: number;
  readonly name?: string | (() => string);
}

const KINDS: Kinds<Options> = {
  size: [["number"], "a number, such as 7"],
  name: [["string", "function"], 'a name, such as "x"'],
};

const check = (options: unknown) =>
  checkOptions("Cannot begin", options as Options, KINDS);

test("options of the right kinds pass, and undefined is none", () => {
  check({});
  check({ size: 7, name: "x" });
  check({ name: () => "x" });
  check({ size: undefined });
});

test("an option of another kind is refused, and says what to type", () => {
  assert.throws(() => check({ size: "7" }), {
    name: "TypeError",
    message: "Cannot begin: size is of type string; give a number, such as 7",
  });
  assert.throws(() => check({ name: null }), {
    message: 'Cannot begin: name is of type null; give a name, such as "x"',
  });
});

test("an option that does not exist is refused, whatever it is called", () => {
  for (const name of ["siez", "toString", "constructor"]) {
    assert.throws(() => check({ [name]: 1 }), {
      name: "TypeError",
      message:
        `Cannot begin: there is no option "${name}"; give any of size, name`,
    });
  }
});

test("what is no object is no options", () => {
  for (
    const [options, kind] of [
      [null, "null"],
      [undefined, "undefined"],
      [7, "number"],
      ["size", "string"],
      [() => {}, "function"],
    ]
  ) {
    assert.throws(() => check(options), {
      name: "TypeError",
      message: `Cannot begin: the options are of type ${kind}; ` +
        "give an object with any of size, name",
    });
  }
});
