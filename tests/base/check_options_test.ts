import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, type Kinds } from "../../src/base/internal.ts";

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

test("an option that a function judges is shown as it is", () => {
  const known: Kinds<{ readonly rank?: unknown }> = {
    rank: [(value) => value === 1 || value === "one", "1"],
  };
  const rank = (value: unknown) =>
    checkOptions("Cannot begin", { rank: value }, known);
  rank(1);
  rank("one");
  rank(undefined);
  const wrong: readonly (readonly [unknown, string, string])[] = [
    [2, "RangeError", "2"],
    ["two", "TypeError", '"two"'],
    [null, "TypeError", "null"],
    [[1], "TypeError", "[1]"],
  ];
  for (const [value, name, text] of wrong) {
    const message = `Cannot begin: rank is ${text}; give 1`;
    assert.throws(() => rank(value), { name, message });
  }
});
