import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  CheckedEncoder,
  defineFormat,
  type FormatInit,
  openMetricsWith,
} from "../../src/encode/mod.ts";

class SilentEncoder extends CheckedEncoder {
  protected override writeHeader(): void {}
  protected override writeNumber(): void {}
  protected override writeHistogram(): void {}
  protected override writeSummary(): void {}
}

const INIT: FormatInit = {
  id: "silent",
  mediaType: "text/x-silent",
  parameters: "charset=utf-8",
  encoder: (out, escaping) => new SilentEncoder(out, escaping),
};

test("defineFormat() escapes by underscores, escapedBy() by another scheme", () => {
  const format = defineFormat(INIT);
  assert.equal(format.escaping, "underscores");
  assert.equal(format.contentType, "text/x-silent; charset=utf-8");
  assert.equal(format.version, "");
  const escaped = format.escapedBy("dots").escapedBy("values");
  assert.equal(escaped.escaping, "values");
  assert.equal(
    escaped.contentType,
    "text/x-silent; charset=utf-8; escaping=values",
  );
});

test("defineFormat() refuses missing, wrong and misspelt options", () => {
  const loose = defineFormat as (init: object) => unknown;
  const { encoder: _, ...incomplete } = INIT;
  assert.throws(
    () => loose(incomplete),
    /^TypeError: Cannot define a format: encoder is of type undefined; give a function/,
  );
  assert.throws(
    () => loose({ ...INIT, id: 1 }),
    /id is of type number; give a string, such as "bare-lines"/,
  );
  assert.throws(
    () => loose({ ...INIT, mimeType: "text/plain" }),
    /there is no option "mimeType"; give any of id, mediaType, version, required/,
  );
});

test("defineFormat() refuses texts that no header can hold", () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ id: "" }, 'id is ""; give a string, such as "bare-lines"'],
    [{ mediaType: "" }, 'mediaType is ""; give a string in lower case, such'],
    [{ mediaType: "text/x\ny" }, "mediaType is "],
    [{ mediaType: "Text/x" }, 'mediaType is "Text/x"; give a string in lower'],
    [{ mediaType: "text" }, "mediaType is "],
    [{ mediaType: "*/*" }, "mediaType is "],
    [{ mediaType: "text/x; a=b" }, "mediaType is "],
    [{ parameters: "" }, 'parameters is ""; give a string, such as "charset'],
    [{ parameters: "a=b\n" }, "parameters is "],
    [{ parameters: "a=\u2028" }, "parameters is "],
    [{ required: { Version: "1" } }, "required is "],
    [{ required: { version: 1 } }, "required is "],
  ];
  for (const [change, start] of wrong) {
    assert.throws(
      () => defineFormat({ ...INIT, ...change }),
      ({ name, message }: Error) =>
        name === "TypeError" &&
        message.startsWith(`Cannot define a format: ${start}`),
      start,
    );
  }
  for (
    const { id, mediaType, version, required, contentType } of allFormats()
  ) {
    const parameters = contentType.slice(mediaType.length + 2);
    const init = { id, mediaType, version, required, parameters };
    assert.equal(defineFormat({ ...INIT, ...init }).contentType, contentType);
  }
});

test("openMetricsWith() and allFormats() refuse misspelt options", () => {
  const loose = openMetricsWith as (options: object) => unknown;
  assert.throws(
    () => loose({ creatd: true }),
    /Cannot make the OpenMetrics format: there is no option "creatd"; give any of created, version/,
  );
  assert.throws(
    () => loose({ version: "2" }),
    /version is "2"; give "0.0.1" or/,
  );
  const list = allFormats as (options: object) => unknown;
  assert.throws(
    () => list({ version: "1.0.0" }),
    /Cannot list formats: there is no option "version"; give any of created/,
  );
});

test("CheckedEncoder can be cached but not patched by default", () => {
  const encoder = new SilentEncoder(undefined as never, "underscores");
  assert.equal(encoder.pageable, encoder);
  assert.equal(encoder.canPatch, false);
});
