/** Reads the imports of a source text, and finds circles among them. */

export interface Import {
  readonly from: string;
  readonly typesOnly: boolean;
}

/** Returns code without comments; strings and templates are unchanged. */
export function withoutComments(code: string): string {
  return code.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g,
    (_, text: string | undefined) => text ?? "",
  );
}

/** Returns all imports and re-exports: static ones in order, then dynamic ones. */
export function importsOf(code: string): Import[] {
  const bare = withoutComments(code);
  const found: Import[] = [];
  const statement =
    /\b(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]*?\bfrom\s+)?["']([^"']+)["']/g;
  for (const [whole, type, from] of bare.matchAll(statement)) {
    const names = /\{([^}]*)\}/.exec(whole)?.[1]?.split(",") ?? [];
    const each = names.filter((name) => name.trim() !== "");
    const inline = /^\w+\s*\{/.test(whole) && each.length > 0 &&
      each.every((name) => /^\s*type\s/.test(name));
    found.push({ from: from!, typesOnly: type !== undefined || inline });
  }
  for (const [, from] of bare.matchAll(/\bimport\s*\(\s*["'`]([^"'`]+)/g)) {
    found.push({ from: from!, typesOnly: false });
  }
  return found;
}

/**
 * Returns the circles of a graph: each group of nodes that reach one another,
 * its members sorted. These are Tarjan's strongly connected components of two or
 * more nodes, and the nodes that point to themselves.
 */
export function circlesOf(
  graph: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    const own = order.size;
    order.set(node, own);
    lowest.set(node, own);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      else if (!open.includes(next)) continue;
      lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== own) return;
    const group = open.splice(open.indexOf(node));
    const isCircle = group.length > 1 || graph.get(node)?.includes(node);
    if (isCircle) circles.push(group.sort());
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles.sort(([a], [b]) => a! < b! ? -1 : 1);
}
