/** What has changed in the rows of a table: a scrape looks at nothing else. */
import type { RowChanges } from "../model/mod.ts";
import { BLOCK_BITS } from "../model/internal.ts";
import { grown } from "./cells.ts";

/** Of each block of rows. */
export class Changes implements RowChanges {
  numbers: Uint32Array = new Uint32Array(1);
  versions: Uint32Array = new Uint32Array(1);

  /** Something in `row` is another that no number shows. */
  beside(row: number): void {
    this.versions[row >> BLOCK_BITS]!++;
  }

  /** Counts the blocks that are marked, and takes their marks away. */
  gather(marks: Uint8Array): void {
    const { numbers } = this;
    for (let i = 0; i < marks.length; i++) {
      if (marks[i] === 0) continue;
      marks[i] = 0;
      numbers[i]!++;
    }
  }

  /** Room for so many rows. */
  grow(rows: number): void {
    const blocks = ((rows - 1) >> BLOCK_BITS) + 1;
    this.numbers = grown(this.numbers, blocks);
    this.versions = grown(this.versions, blocks);
  }
}
