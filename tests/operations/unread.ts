/** Finds properties that a validator ignores, such as misspelt ones. */

/**
 * Runs `validate` and returns the paths of the properties that it has not read.
 * Schemas of Kubernetes admit unknown properties, as its API does.
 */
export function unread<T>(value: T, validate: (value: T) => void): string[] {
  const read = new Set<string>();
  validate(watched(value, "", read) as T);
  return pathsIn(value, "").filter((path) => !read.has(path));
}

/** Returns `value`, which adds the path of each property that is read. */
function watched(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found = Reflect.get(target, key) as unknown;
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return found;
      read.add(`${path}/${key}`);
      return watched(found, `${path}/${key}`, read);
    },
  });
}

function pathsIn(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}/${key}`,
    ...pathsIn(inner, `${path}/${key}`),
  ]);
}
