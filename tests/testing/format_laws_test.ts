/** Formats that each break one law, which `formatLaws` detects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteWriter,
  defineFormat,
  type EscapingScheme,
  type Format,
  fragment,
  LineEncoder,
  prometheusText,
} from "../../src/encode/mod.ts";
import type { FamilyDesc, LabelSet } from "../../src/model/mod.ts";
import { formatLaws } from "../../src/testing/mod.ts";

class PlainEncoder extends LineEncoder {
  name = fragment("");
  protected override writeMetadata({ name }: FamilyDesc): void {
    this.name = this.lineName(name);
  }
  protected override writeNumber(labels: LabelSet, value: number): void {
    this.beginPoint(labels);
    this.writeSample(this.name);
    this.writeValue(value);
  }
  protected override writeHistogram(): void {}
  protected override writeSummary(): void {}
}

type EncoderClass = new (
  out: ByteWriter,
  escaping: EscapingScheme,
) => PlainEncoder;

function formatOf(Encoder: EncoderClass): Format {
  return defineFormat({
    id: "faulty",
    mediaType: "text/x-faulty",
    parameters: "charset=utf-8",
    encoder: (out, escaping) => new Encoder(out, escaping),
  });
}

let bodies = 0;

const FAULTS: Readonly<Record<string, EncoderClass>> = {
  replay: class extends PlainEncoder {
    override end(): void {
      this.out.utf8(`# body ${++bodies}\n`);
    }
  },
  poison: class extends PlainEncoder {
    readonly #labels: LabelSet[] = [];
    protected override writeNumber(labels: LabelSet, value: number): void {
      super.writeNumber(labels, value);
      this.#labels.push(labels);
    }
    override end(): void {
      for (const labels of this.#labels) {
        this.out.utf8(`# ${labels.value(0)}\n`);
      }
    }
  },
  chunks: class extends PlainEncoder {
    override end(): void {
      this.out.utf8(`# ${this.out.length} bytes\n`);
    }
  },
  rollback: class extends PlainEncoder {
    #families = 0;
    protected override writeMetadata(desc: FamilyDesc): void {
      super.writeMetadata(desc);
      this.#families++; // not undone by rollback
    }
    override end(): void {
      this.out.utf8(`# ${this.#families > 1 ? "many" : "few"} families\n`);
    }
  },
  cache: class extends PlainEncoder {
    protected override writeNumber(labels: LabelSet, value: number): void {
      this.beginPoint(labels);
      this.writeSample(this.name);
      this.out.number(value); // not reported to `marks`
      this.out.utf8("\n");
    }
  },
};

/** Encoders that do not write what they should, and what the error says. */
const OMISSIONS: readonly (readonly [EncoderClass, string])[] = [
  [
    class extends PlainEncoder {
      protected override writeNumber(): void {}
    },
    "a counter is not written",
  ],
  [
    class extends PlainEncoder {
      protected override writeNumber(_: LabelSet, value: number): void {
        this.writeSample(this.name); // without beginPoint()
        this.writeValue(value);
      }
    },
    "two counter series of different labels are equal",
  ],
  [
    class extends PlainEncoder {
      protected override writeNumber(labels: LabelSet): void {
        super.writeNumber(labels, 1);
      }
    },
    "a counter of 0 and one of 1 are equal",
  ],
  [
    class extends PlainEncoder {
      protected override writeSummary(): void {
        this.out.utf8("# a summary\n");
      }
    },
    "two summary series of different labels are equal",
  ],
];

for (const [Encoder, fault] of OMISSIONS) {
  test(`formatLaws() refuses a format for which ${fault}`, () => {
    assert.throws(
      () => formatLaws(formatOf(Encoder)),
      new RegExp(`^Error: The law "series" does not hold for .*: ${fault}$`),
    );
  });
}

for (const [law, Encoder] of Object.entries(FAULTS)) {
  test(`formatLaws() refuses a format that breaks the law "${law}"`, () => {
    assert.throws(
      () => formatLaws(formatOf(Encoder)),
      new RegExp(`^Error: The law "${law}" does not hold for faulty, escaping`),
    );
  });
}

test("formatLaws() accepts a format that satisfies all laws", () => {
  formatLaws(formatOf(PlainEncoder));
});

test("formatLaws() throws with the error of read() as cause", () => {
  const cause = new SyntaxError("line 1");
  const read = (): never => {
    throw cause;
  };
  assert.throws(() => formatLaws(prometheusText, { read }), (error: Error) => {
    assert.match(error.message, /"contents" .* cannot be read: SyntaxError/);
    assert.equal(error.cause, cause);
    return true;
  });
});

test("formatLaws() reports the first difference in the content", () => {
  const read = () => new Map([["a", [1, 2]]]);
  const expected = () => new Map([["a", [1, 3]]]);
  assert.throws(
    () => formatLaws(prometheusText, { read, expected }),
    /"contents" .*: content\["a"\]\["1"\] is 2 instead of 3$/,
  );
});

test("formatLaws() refuses misspelt and wrong options", () => {
  const loose = formatLaws as (format: Format, options: object) => void;
  assert.throws(
    () => loose(prometheusText, { reader: () => {} }),
    /there is no option "reader"; give any of read, expected, sources/,
  );
  assert.throws(
    () => loose(prometheusText, { sources: [{}] }),
    /sources is .*; give a list of functions/,
  );
});
