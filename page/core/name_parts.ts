/** Splits a name where a line may be broken: after `_`, `.` and `:`. */
export function nameParts(name: string): string[] {
  return name.match(/[^_.:]*[_.:]+|[^_.:]+$/g) ?? [name];
}
