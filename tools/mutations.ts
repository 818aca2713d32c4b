/**
 * Small changes to TypeScript code, each of which a test should detect.
 *
 * - TypeScript's parser finds the places. Comments, types, imports and error
 *   messages are not changed.
 * - A mutation that leaves the emitted JavaScript unchanged is dropped.
 */
import ts from "typescript";

/** One change of one file. */
export interface Mutation {
  /** Path from the root of the tree. */
  readonly file: string;
  /** Line number, 1-based. */
  readonly line: number;
  /** Kind of change, such as `boundary` or `drop call`. */
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
}

const SWAPS: ReadonlyMap<ts.SyntaxKind, readonly [kind: string, to: string]> =
  new Map([
    [ts.SyntaxKind.LessThanToken, ["boundary", "<="]],
    [ts.SyntaxKind.LessThanEqualsToken, ["boundary", "<"]],
    [ts.SyntaxKind.GreaterThanToken, ["boundary", ">="]],
    [ts.SyntaxKind.GreaterThanEqualsToken, ["boundary", ">"]],
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ["equality", "!=="]],
    [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["equality", "==="]],
    [ts.SyntaxKind.AmpersandAmpersandToken, ["logic", "||"]],
    [ts.SyntaxKind.BarBarToken, ["logic", "&&"]],
    [ts.SyntaxKind.PlusToken, ["arithmetic", "-"]],
    [ts.SyntaxKind.MinusToken, ["arithmetic", "+"]],
    [ts.SyntaxKind.AsteriskToken, ["arithmetic", "/"]],
    [ts.SyntaxKind.SlashToken, ["arithmetic", "*"]],
    [ts.SyntaxKind.PlusEqualsToken, ["arithmetic", "-="]],
    [ts.SyntaxKind.MinusEqualsToken, ["arithmetic", "+="]],
  ]);

/** Longer arrays of numbers are tables, which would yield too many mutations. */
const MAX_TABLE = 8;

/** Returns every mutation of a file, in the order of its text. */
export function mutationsOf(file: string, code: string): Mutation[] {
  const tree = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const add = (kind: string, node: ts.Node, to: string): void => {
    const start = node.getStart(tree);
    const end = node.getEnd();
    const line = tree.getLineAndCharacterOfPosition(start).line + 1;
    const from = code.slice(start, end);
    found.push({ file, line, kind, start, end, from, to });
  };
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    mutate(node, tree, add);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(tree, visit);
  return found;
}

/** Returns the code after a mutation. */
export function mutated(code: string, { start, end, to }: Mutation): string {
  return code.slice(0, start) + to + code.slice(end);
}

/** Returns whether a mutation changes the emitted JavaScript. */
export function changesOutput(code: string, mutation: Mutation): boolean {
  return emitted(code) !== emitted(mutated(code, mutation));
}

function emitted(code: string): string {
  return ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      removeComments: true,
    },
  }).outputText;
}

function isLeftAlone(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || ts.isThrowStatement(node) ||
    ts.isNewExpression(node) && /Error$/.test(node.expression.getText());
}

type Add = (kind: string, node: ts.Node, to: string) => void;

function mutate(node: ts.Node, tree: ts.SourceFile, add: Add): void {
  if (ts.isBinaryExpression(node)) return mutateBinary(node, add);
  if (ts.isNumericLiteral(node)) return mutateNumber(node, add);
  if (ts.isExpressionStatement(node)) return mutateStatement(node, add);
  if (node.kind === ts.SyntaxKind.TrueKeyword) add("boolean", node, "false");
  if (node.kind === ts.SyntaxKind.FalseKeyword) add("boolean", node, "true");
  if (isCondition(node) && !isComparison(node)) {
    add("negate condition", node, `!(${node.getText(tree)})`);
  } else if (
    ts.isPrefixUnaryExpression(node) &&
    node.operator === ts.SyntaxKind.ExclamationToken
  ) add("negate", node, node.operand.getText(tree));
  if (ts.isPropertyAccessExpression(node)) mutateLimit(node, tree, add);
  if (ts.isBlock(node) && isEmptiable(node)) add("return early", node, "{}");
}

function mutateBinary(node: ts.BinaryExpression, add: Add): void {
  const swap = SWAPS.get(node.operatorToken.kind);
  if (swap === undefined) return;
  const isText = [node.left, node.right].some((side) =>
    ts.isStringLiteralLike(side) || ts.isTemplateExpression(side)
  );
  if (isText && swap[0] === "arithmetic") return;
  add(swap[0], node.operatorToken, swap[1]);
}

function mutateNumber(node: ts.NumericLiteral, add: Add): void {
  const list = node.parent;
  if (ts.isArrayLiteralExpression(list) && list.elements.length > MAX_TABLE) {
    return;
  }
  const value = Number(node.text);
  const to = value > 0 && node.pos % 2 === 0 ? value - 1 : value + 1;
  add("number", node, `${to}`);
}

/** Drops statements that are calls or assignments; inverts `++` and `--`. */
function mutateStatement(node: ts.ExpressionStatement, add: Add): void {
  let { expression } = node;
  while (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) {
    expression = expression.expression;
  }
  if (ts.isCallExpression(expression)) {
    const isSuper = expression.expression.kind === ts.SyntaxKind.SuperKeyword;
    if (!isSuper) add("drop call", node, ";");
  } else if (
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.EqualsToken
  ) add("drop assignment", node, ";");
  else if (ts.isPostfixUnaryExpression(expression)) {
    const isPlus = expression.operator === ts.SyntaxKind.PlusPlusToken;
    const operand = expression.operand.getText();
    add("arithmetic", node, `${operand}${isPlus ? "--" : "++"};`);
  }
}

function mutateLimit(
  node: ts.PropertyAccessExpression,
  tree: ts.SourceFile,
  add: Add,
): void {
  const text = node.getText(tree);
  if (text === "Math.min") add("limit", node, "Math.max");
  if (text === "Math.max") add("limit", node, "Math.min");
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) &&
      parent.expression === node ||
    ts.isConditionalExpression(parent) && parent.condition === node;
}

/** Returns whether a condition is an equality, which `mutateBinary` negates. */
function isComparison(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) &&
    SWAPS.get(node.operatorToken.kind)?.[0] === "equality";
}

/** Returns whether a block is the body of a function without a result. */
function isEmptiable(node: ts.Block): boolean {
  const { parent } = node;
  if (!ts.isFunctionLike(parent) || ts.isConstructorDeclaration(parent)) {
    return false;
  }
  // Emptying a body of one statement equals dropping that statement.
  if (node.statements.length < 2) return false;
  let returns = false;
  const visit = (inner: ts.Node): void => {
    if (ts.isFunctionLike(inner) || returns) return;
    if (ts.isReturnStatement(inner) && inner.expression !== undefined) {
      returns = true;
    }
    ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return !returns;
}
