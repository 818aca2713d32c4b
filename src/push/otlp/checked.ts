/**
 * Checks of the parts of a span while it is encoded. A collector refuses a whole
 * request for one malformed part; an error here costs one span only. Nothing
 * is converted to text: that takes minutes for a list of 2^32 holes.
 */
const HEX = /^[0-9a-f]+$/i;

/**
 * Returns the OTLP number of a name.
 *
 * @throws {TypeError} If there is no such name.
 */
export function numberOf<K extends string>(
  numbers: Readonly<Record<K, number>>,
  name: K,
): number {
  if (typeof name === "string" && Object.hasOwn(numbers, name)) {
    return numbers[name];
  }
  throw new TypeError("a kind or a status is unknown");
}

/**
 * Returns an id. Collectors refuse a request with a malformed one.
 *
 * @throws {TypeError} If `id` is not `length` hexadecimal digits.
 */
export function checkedId(id: string, length: 16 | 32): string {
  if (typeof id === "string" && id.length === length && HEX.test(id)) {
    return id;
  }
  throw new TypeError(`an id is not a text of ${length} hexadecimal digits`);
}

/**
 * Returns a text.
 *
 * @throws {TypeError} If it is anything else.
 */
export function checkedText(text: string): string {
  if (typeof text === "string") return text;
  throw new TypeError(`a text is of type ${typeof text}`);
}

/**
 * Returns a count.
 *
 * @throws {RangeError} If it is not an unsigned integer of 32 bits.
 */
export function checkedCount(count: number): number {
  if (typeof count === "number" && count >>> 0 === count) return count;
  throw new RangeError("a count is not a whole number");
}

/**
 * Returns the items of an attribute that is a list.
 *
 * @throws {TypeError} If it is anything else.
 */
export function checkedList<L extends readonly unknown[]>(list: L): L {
  if (Array.isArray(list)) return list;
  throw new TypeError(`a list or an attribute is of type ${typeof list}`);
}
