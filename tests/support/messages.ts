/**
 * Finds the messages that `src` can produce, by TypeScript's parser.
 *
 * A message is the text of an error, of a warning or of a refused request. Its
 * template has `…` for each part that varies.
 */
import { readFileSync } from "node:fs";
import ts from "typescript";

/** One message of the source. */
export interface Message {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly template: string;
}

/** Functions that are passed a message, with the index of that argument. */
const REPORTERS: ReadonlyMap<string, number> = new Map([
  ["warn", 0],
  ["warnOnce", 0],
  ["report", 1],
  ["complain", 1],
  ["textResponse", 1],
  ["refusal", 1],
  ["refused", 2],
  ["invalid", 0],
]);

/** Functions whose texts complete `… is …; give …`, which is one message. */
const RULES = new Set([
  ...["rule", "ofType", "fn", "flag", "text", "oneOf", "withMethods"],
  ...["wholeNumber", "seconds", "isCount"],
]);

/** Properties whose texts are no messages. */
const DESCRIPTIONS = new Set(["help", "advice", "description"]);

/** The words by which other texts are known as parts of messages. */
const WORDS = new RegExp(
  "(?:^|[ ;:,])(?:give|must|cannot|try|illegal|already|unavailable|malformed|" +
    "unsupported|has no effect|is not|has no|there (?:is|are)|too (?:many|" +
    "large|slow|long)|over …|than …|larger|missing|use|remove) |too slow$",
);

/** The least number of words of such a text. */
const MIN_WORDS = 3;

/** How often names of constants are followed. */
const MAX_DEPTH = 3;

/** Returns the templates of all texts of one file, messages or not. */
export function textsOf(root: URL, file: string): string[] {
  const source = parsed(root, file);
  const constants = constantsOf(source);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isText(node) && !ts.isTemplateSpan(node)) {
      const variants = variantsOf(node as ts.Expression, constants);
      found.push(...variants.map(templateOf));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function parsed(root: URL, file: string): ts.SourceFile {
  const text = readFileSync(new URL(file, root), "utf8");
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Joins parts that vary, and lines. */
function templateOf(text: string): string {
  return text.replace(/(?:… ?)*…/g, "…").replace(/\s+/g, " ").trim();
}

/** Returns the messages of one file of `root`. */
export function messagesOf(root: URL, file: string): Message[] {
  const source = parsed(root, file);
  const constants = constantsOf(source);
  const found: Message[] = [];
  const take = (node: ts.Expression, isCertain: boolean): void => {
    const line =
      source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    for (const variant of new Set(variantsOf(node, constants))) {
      const template = templateOf(variant);
      const words = template.match(/[a-z]{2,}/gi) ?? [];
      if (isCertain ? words.length === 0 : words.length < MIN_WORDS) continue;
      if (!isCertain && !WORDS.test(template)) continue;
      found.push({ file, line, template });
    }
  };
  const visit = (node: ts.Node): void => {
    if (isOther(node)) return;
    const message = reportedBy(node);
    if (message !== undefined) take(message, true);
    const isPart = message === undefined && isText(node) &&
      !isText(node.parent) && !isReported(node);
    if (isPart) take(node as ts.Expression, false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function constantsOf(source: ts.Node): Map<string, ts.Expression> {
  const constants = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) &&
      node.initializer !== undefined
    ) constants.set(node.name.text, node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return constants;
}

/** Returns whether the texts of a node are no messages. */
function isOther(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isTypeNode(node)) return true;
  if (ts.isPropertyAssignment(node)) {
    return DESCRIPTIONS.has(node.name.getText());
  }
  return ts.isCallExpression(node) && RULES.has(nameOf(node.expression));
}

/** Returns whether a node is a text, or a sum with one. */
function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    ts.isTemplateSpan(node) ||
    (ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
      (isText(node.left) || isText(node.right)));
}

function isReported(node: ts.Node): boolean {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (reportedBy(at.parent) === at) return true;
    if (!ts.isExpression(at.parent) && !ts.isTemplateSpan(at.parent)) break;
    if (ts.isCallExpression(at.parent)) break;
  }
  return false;
}

/** Returns the message that a call reports, or a new error has. */
function reportedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isNewExpression(node)) {
    const name = node.expression.getText();
    const [first, second] = node.arguments ?? [];
    if (name === "ServeError" || name === "Rejection") return second;
    return name.endsWith("Error") ? first : undefined;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const index = REPORTERS.get(nameOf(node.expression));
  return index === undefined ? undefined : node.arguments[index];
}

function nameOf(callee: ts.Expression): string {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isIdentifier(callee) ? callee.text : "";
}

/** Returns the texts that an expression may be. */
function variantsOf(
  node: ts.Expression,
  constants: ReadonlyMap<string, ts.Expression>,
  depth = 0,
): string[] {
  const of = (part: ts.Expression) => variantsOf(part, constants, depth);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return of(node.expression);
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce(
      (texts, span) => product(texts, of(span.expression), span.literal.text),
      [node.head.text],
    );
  }
  if (ts.isConditionalExpression(node)) {
    return [...of(node.whenTrue), ...of(node.whenFalse)];
  }
  if (isText(node) && ts.isBinaryExpression(node)) {
    return product(of(node.left), of(node.right), "");
  }
  const value = ts.isIdentifier(node) && depth < MAX_DEPTH
    ? constants.get(node.text)
    : undefined;
  return value === undefined ? ["…"] : variantsOf(value, constants, depth + 1);
}

function product(
  lefts: readonly string[],
  rights: readonly string[],
  end: string,
): string[] {
  return lefts.flatMap((left) => rights.map((right) => left + right + end));
}
