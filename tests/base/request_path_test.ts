import assert from "node:assert/strict";
import { test } from "node:test";
import { isAtPath, isUnderPath, pathOf } from "../../src/base/internal.ts";
import * as fc from "../support/property.ts";

test("pathOf() reads the path of every URL that a runtime gives", () => {
  const paths: Readonly<Record<string, string>> = {
    "http://localhost/a/b?c#d": "/a/b",
    "http://localhost": "/",
    "http://localhost/": "/",
    "http://localhost?a=/b": "/",
    "http://localhost#/b": "/",
    "http://[::1]:80/a#b?c": "/a",
    "http://[/a?b": "/a",
    "http://x:99999/a?b": "/a",
    "http://a%20b/a": "/a",
    "HTTP://[/health": "/health",
    "/": "/",
    "/a/b/c?d=://e/f": "/a/b/c",
    "//evil.example/x": "//evil.example/x",
    "x:80": "/",
    "*": "/",
    "": "/",
    "http://": "/",
    "http://h//a": "//a",
  };
  for (const [url, path] of Object.entries(paths)) {
    assert.equal(pathOf(url), path, url);
  }
});

test("law: pathOf() equals URL.pathname for the URLs that both accept", () => {
  const part = fc.string({
    unit: fc.constantFrom(..."abc/-_:=~"),
    maxLength: 9,
  });
  fc.assert(fc.property(part, part, part, (path, query, hash) => {
    const url = `http://shop.example:81/${path}?${query}#${hash}`;
    assert.equal(pathOf(url), new URL(url).pathname);
  }));
});

test("law: isAtPath() agrees with pathOf(), and neither throws", () => {
  const char = fc.constantFrom(..."/?#:ah\\@[]% \0é");
  const text = fc.string({ unit: char, maxLength: 20 });
  fc.assert(
    fc.property(text, text, (url, text) => {
      const path = `/${text.replace(/[?#]/g, "")}`;
      if (isAtPath(url, path)) assert.equal(pathOf(url), path);
      assert.ok(isAtPath(`http://shop.example${path}`, path));
    }),
    { numRuns: 1000 },
  );
});

test("law: isUnderPath() agrees with pathOf(), and never throws", () => {
  const char = fc.constantFrom(..."/?#:ah\\@[]% \0é");
  const text = fc.string({ unit: char, maxLength: 20 });
  fc.assert(
    fc.property(text, text, text, (url, text, rest) => {
      const path = `/a${text.replace(/[?#]/g, "")}`;
      for (const any of [url, `http://a${url}`, `http://a${path}${rest}`]) {
        const at = pathOf(any);
        const expected = at === path || at.startsWith(`${path}/`);
        assert.equal(isUnderPath(any, path), expected, any);
      }
    }),
    { numRuns: 1000 },
  );
});
