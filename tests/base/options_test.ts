import assert from "node:assert/strict";
import { test } from "node:test";
import {
  flag,
  fn,
  ofType,
  oneOf,
  type OptionRule,
  readOptions,
  rule,
  type SchemaOf,
  seconds,
  text,
  wholeNumber,
  withMethods,
  wrongOption,
} from "../../src/base/internal.ts";
import * as fc from "../support/property.ts";

interface Options {
  readonly size?: number | undefined;
  readonly name?: string | (() => string) | undefined;
}

const SCHEMA = {
  size: ofType<number>(["number"], "a number, such as 7", 7),
  name: ofType<string | (() => string)>(
    ["string", "function"],
    'a name, such as "x"',
  ),
} satisfies SchemaOf<Options>;

const read = (options: unknown) =>
  readOptions("Cannot begin", SCHEMA, options as Options);

/** Reads one option that has `rule`. */
function readOne<T>(rule: OptionRule<T>, value: unknown): T {
  return readOptions("Cannot begin", { x: rule }, { x: value as T }).x;
}

function assertRefused(rule: OptionRule<unknown>, value: unknown, end: string) {
  const name = end.startsWith("of type") || typeof value !== "number"
    ? "TypeError"
    : "RangeError";
  const message = `Cannot begin: x is ${end}`;
  assert.throws(() => readOne(rule, value), { name, message });
}

test("readOptions() returns every option, with defaults", () => {
  const name = () => "x";
  assert.deepEqual(read({}), { size: 7, name: undefined });
  assert.deepEqual(read({ size: 9, name: "x" }), { size: 9, name: "x" });
  assert.deepEqual(read({ size: undefined, name }), { size: 7, name });
});

test("readOptions() returns a new object", () => {
  const options = { size: 9 };
  const result = read(options);
  options.size = 1;
  assert.equal(result.size, 9);
});

test("readOptions() refuses an option of another type with advice", () => {
  assert.throws(() => read({ size: "7" }), {
    name: "TypeError",
    message: "Cannot begin: size is of type string; give a number, such as 7",
  });
  assert.throws(() => read({ name: null }), {
    message: 'Cannot begin: name is of type null; give a name, such as "x"',
  });
});

test("readOptions() refuses unknown names, even those of Object.prototype", () => {
  for (const name of ["siez", "toString", "constructor", "__proto__"]) {
    const options = JSON.parse(`{ "${name}": 1 }`);
    assert.throws(() => read(options), {
      name: "TypeError",
      message:
        `Cannot begin: there is no option "${name}"; give any of size, name`,
    });
  }
  // Refused even if its value is undefined: the name is probably misspelt.
  assert.throws(() => read({ siez: undefined }), /no option "siez"/);
});

test("readOptions() refuses options that are not an object", () => {
  for (
    const [options, type] of [
      [null, "null"],
      [undefined, "undefined"],
      [7, "number"],
      ["size", "string"],
      [() => {}, "function"],
      [[], "array"],
    ]
  ) {
    const state = type === "array" ? "an array" : `of type ${type}`;
    assert.throws(() => read(options), {
      name: "TypeError",
      message: `Cannot begin: the options are ${state}; ` +
        "give an object with any of size, name",
    });
  }
});

test("rule() shows the wrong value; a wrong number is a RangeError", () => {
  const rank = rule((value) => value === 1 || value === "one", "1");
  assert.equal(readOne(rank, 1), 1);
  assert.equal(readOne(rank, "one"), "one");
  assert.equal(readOne(rank, undefined), undefined);
  assertRefused(rank, 2, "2; give 1");
  assertRefused(rank, "two", '"two"; give 1');
  assertRefused(rank, null, "null; give 1");
  assertRefused(rank, [1], "[1]; give 1");
});

test("readOptions() does not list an option without advice", () => {
  const schema = { size: SCHEMA.size, unit: rule<string>(() => true, "") };
  assert.throws(
    () => readOptions("Cannot begin", schema, { siez: 1 } as never),
    { message: 'Cannot begin: there is no option "siez"; give any of size' },
  );
  const read = readOptions("Cannot begin", schema, { unit: "s" });
  assert.deepEqual(read, { size: 7, unit: "s" });
});

test("rule() does not check an option that is undefined", () => {
  const strict = rule(() => assert.fail("called"), "anything", 5);
  assert.equal(readOne(strict, undefined), 5);
});

test("ofType() hides the value, which may be a secret", () => {
  const token = ofType(["function"], "a function");
  assertRefused(token, "s3cret", "of type string; give a function");
  assertRefused(token, 7, "of type number; give a function");
});

test("fn(), flag() and text() accept only values of their type", () => {
  const work = () => true;
  assert.equal(readOne(fn("() => true"), work), work);
  assertRefused(
    fn("() => true"),
    {},
    "of type object; give a function, such as () => true",
  );
  assert.equal(readOne(flag(true), undefined), true);
  assert.equal(readOne(flag(true), false), false);
  assertRefused(flag(true), 0, "of type number; give true or false");
  assert.equal(readOne(text("shop"), undefined), undefined);
  assert.equal(readOne(text("shop", "app"), undefined), "app");
  assert.equal(readOne(text("shop"), ""), "");
  assertRefused(
    text("shop"),
    7,
    'of type number; give a string, such as "shop"',
  );
});

test("ofType() tells arrays from objects", () => {
  const facts = ofType<object>(["object"], "facts");
  assert.deepEqual(readOne(facts, {}), {});
  assertRefused(facts, [], "an array; give facts");
  assert.deepEqual(readOne(ofType<object>(["array"], "a list"), []), []);
});

test("maps are no objects: their values are no properties", () => {
  const { accepts } = ofType<object>(["object"], "an object");
  for (const map of [new Map(), new Set(), new Headers(), new FormData()]) {
    assert.equal(accepts(map), false);
    assert.throws(
      () => readOptions("Cannot test", {}, map as never),
      /Cannot test: the options are of type map; give an object/,
    );
  }
  assert.equal(accepts(Object.create(null)), true);
});

test("withMethods() accepts objects with all methods, even inherited ones", () => {
  const pen = withMethods<object>(["draw", "stop"], "a pen");
  class Pen {
    draw() {}
    stop() {}
  }
  const made = new Pen();
  assert.equal(readOne(pen, made), made);
  assert.equal(readOne(pen, undefined), undefined);
  assertRefused(pen, { draw() {} }, "of type object; give a pen");
  assertRefused(pen, { draw() {}, stop: 1 }, "of type object; give a pen");
  assertRefused(pen, null, "of type null; give a pen");
  assertRefused(pen, [], "an array; give a pen");
});

test("withMethods() accepts objects without methods that are optional", () => {
  const pen = withMethods<object>(["draw"], "a pen", {}, true);
  assert.deepEqual(readOne(pen, {}), {});
  assertRefused(pen, { draw: 1 }, "of type object; give a pen");
});

test("seconds() accepts times above zero that timers can wait", () => {
  for (const value of [Number.MIN_VALUE, 0.5, 8, 999_999.9]) {
    assert.equal(readOne(seconds(8), value), value);
  }
  assert.equal(readOne(seconds(8), undefined), 8);
  for (const value of [0, -1, NaN, 1e6, Infinity]) {
    assertRefused(seconds(8), value, `${value}; give seconds, such as 8`);
  }
  assertRefused(seconds(8), "8", '"8"; give seconds, such as 8');
});

test("wholeNumber() accepts safe integers from its minimum on", () => {
  const { MAX_SAFE_INTEGER } = Number;
  for (const value of [1, 2, MAX_SAFE_INTEGER]) {
    assert.equal(readOne(wholeNumber(10), value), value);
  }
  const advice = "give a whole number from 1 on, such as 10";
  for (const value of [0, -1, 1.5, NaN, MAX_SAFE_INTEGER + 1, Infinity]) {
    assertRefused(wholeNumber(10), value, `${value}; ${advice}`);
  }
  assertRefused(wholeNumber(10), "2", `"2"; ${advice}`);
  assert.equal(readOne(wholeNumber(10, 0), 0), 0);
  assertRefused(
    wholeNumber(10, 0),
    -1,
    "-1; give a whole number from 0 on, such as 10",
  );
});

test("oneOf() accepts the listed strings", () => {
  const level = oneOf(["low", "high"], "low");
  assert.equal(readOne(level, "high"), "high");
  assert.equal(readOne(level, undefined), "low");
  for (const [value, text] of [["mid", '"mid"'], ["", '""'], [null, "null"]]) {
    assertRefused(level, value, `${text}; give "low" or "high"`);
  }
});

test("wrongOption() returns the error that readOptions() throws", () => {
  const rank = rule((value) => value === 1, "1");
  for (const value of [2, "two", {}]) {
    const error = wrongOption("Cannot begin", "x", value, rank);
    assert.throws(() => readOne(rank, value), error);
  }
});

test("law: readOptions() returns each value or its default, or throws", () => {
  const schema = {
    a: wholeNumber(3),
    b: flag(false),
    c: ofType<string>(["string"], "a string"),
  };
  const anyValue = fc.oneof(
    fc.constant(undefined),
    fc.integer(),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
  );
  const anyOptions = fc.record(
    { a: anyValue, b: anyValue, c: anyValue },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(anyOptions, (options) => {
    const given = options as { a?: number; b?: boolean; c?: string };
    const isLegal = Object.entries(schema).every(([name, { accepts }]) => {
      const value = options[name as keyof typeof schema];
      return value === undefined || accepts(value);
    });
    if (!isLegal) {
      assert.throws(() => readOptions("Cannot begin", schema, given));
      return;
    }
    assert.deepEqual(readOptions("Cannot begin", schema, given), {
      a: given.a ?? 3,
      b: given.b ?? false,
      c: given.c,
    });
  }));
});
