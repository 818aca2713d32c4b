import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli/mod.ts";
import { FakeIo } from "./fake_io.ts";

/** Runs a command line that must fail, and returns its message. */
async function failure(...args: string[]): Promise<string> {
  const io = new FakeIo();
  assert.equal(await main(args, io), 2);
  assert.equal(io.out, "");
  assert.match(io.errors, /^barograph: [^\n]+\n$/);
  return io.errors.slice("barograph: ".length, -1);
}

test("main() prints the commands without arguments, and with --help", async () => {
  for (const args of [[], ["--help"], ["-h"], ["help"]]) {
    const io = new FakeIo();
    assert.equal(await main(args, io), 0);
    for (const command of ["top", "lint", "dashboards", "rules"]) {
      assert.match(io.out, new RegExp(`barograph ${command} `));
    }
  }
});

test("each command has --help, which fits a terminal", async () => {
  for (const command of ["top", "lint", "dashboards", "rules"]) {
    const io = new FakeIo();
    assert.equal(await main([command, "x", "--help"], io), 0);
    assert.match(io.out, new RegExp(`barograph ${command} `));
    for (const line of io.out.split("\n")) assert.ok(line.length <= 80, line);
  }
});

test("--version prints the version", async () => {
  const io = new FakeIo();
  assert.equal(await main(["--version"], io), 0);
  assert.match(io.out, /^\d+\.\d+\.\d+\n$/);
});

test("wrong arguments are named with what to type instead", async () => {
  for (
    const [args, message] of [
      [["topp"], /no command "topp"; give one of top, lint, dashboards, rules/],
      [["toString"], /no command "toString"/],
      [["top"], /give a URL, such as http:.*; try: barograph top --help/],
      [["lint"], /give a URL or a file, such as/],
      [["rules"], /give the module of your application, such as app\.ts/],
      [["top", "a", "b"], /one argument too many: b; try: barograph top/],
      [["top", "--intervall", "1", "a"], /no flag --intervall; try: bar/],
      [["top", "-x", "a"], /no flag -x; try/],
      [["top", "a", "--interval"], /--interval has no value; try/],
      [["top", "a", "--interval=x"], /--interval is "x"; give a number from/],
      [["top", "a", "--interval", "0"], /--interval is "0"; give a number/],
      [["top", "a", "--interval", " "], /--interval is " "; give a number/],
      [["top", "a", "--once=yes"], /--once takes no value; write --once/],
      [["top", "http://"], /"http:\/\/" is no URL; give one, such as/],
      [["lint", "no.txt"], /cannot read no\.txt: no such file/],
      [["dashboards", "no.ts"], /cannot load no\.ts: no such module/],
      [["rules", "a.ts", "--availability", "99"], /is "99"; give a share/],
      [["rules", "a.ts", "--latency", "0.9"], /is "0\.9"; give a share and/],
      [["rules", "a.ts", "--latency", "2@1"], /is "2@1"|is "2"; give a share/],
    ] as const
  ) assert.match(await failure(...args), message);
});
