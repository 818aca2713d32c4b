/**
 * Checks the words of the book, the examples and the comments:
 *
 *     deno task words [files or folders]
 *
 * Prints each misspelt word and each construction that is hard to read, with its
 * place and the words to write instead. Words that are right stand in
 * `dictionary.txt`, in alphabetical order.
 */
import { argv, exit } from "node:process";
import { faultsIn, filesIn, SCOPE, shown, textsIn } from "./check.ts";

const paths = argv.slice(2);
const files = filesIn(paths.length > 0 ? paths : SCOPE);
const faults = await faultsIn(textsIn(files));
for (const fault of faults) console.log(shown(fault));
console.log(`${files.length} files, ${faults.length} faults`);
exit(faults.length > 0 ? 1 : 0);
