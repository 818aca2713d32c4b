/** The cost of copying a short encoded text in several ways. */
import { ByteWriter, fragment } from "../src/base/mod.ts";
import type { Question } from "./harness.ts";

const CAPACITY = 65_536;

export function encodeQuestions(): Question[] {
  return [12, 24, 48].map((size) => {
    const bytes = new TextEncoder().encode("x".repeat(size));
    const text = fragment(bytes);
    const writer = new ByteWriter(CAPACITY);
    const target = new Uint8Array(CAPACITY);
    return {
      title: `copying ${size} bytes`,
      unit: "ns",
      times: 200_000,
      cases: [
        {
          name: "ByteWriter.copy()",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              if (writer.length > CAPACITY - 256) writer.rollback(0);
              writer.copy(text);
            }
          },
        },
        {
          name: "byte by byte",
          role: "reference",
          run: (n) => {
            let end = 0;
            for (let i = 0; i < n; i++) {
              if (end > CAPACITY - 256) end = 0;
              for (let k = 0; k < size; k++) target[end++] = bytes[k]!;
            }
          },
        },
        {
          name: "Uint8Array.set()",
          role: "reference",
          run: (n) => {
            let end = 0;
            for (let i = 0; i < n; i++) {
              if (end > CAPACITY - 256) end = 0;
              target.set(bytes, end);
              end += size;
            }
          },
        },
      ],
    };
  });
}
