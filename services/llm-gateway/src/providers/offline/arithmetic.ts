const NUMBER = String.raw`\(*\s*-?\d[\d,]*(?:\.\d+)?\s*\)*`;
const EXPRESSION = new RegExp(String.raw`(?<![\d.,])${NUMBER}(?:\s*(?:\*\*|[-+*/^×÷])\s*${NUMBER})+`, 'g');
/** Dates, versions and ranges ("2024-01-31", "10-20", "24/7") look like sums but are not. */
const TELLTALE = /[*^×÷(]|\d\s+[-+/]\s+[\d(]|\d\+\d/;
const EXPRESSION_CHARS_MAX = 200;
/** Of a longer text only this much is looked at: what it takes grows faster than the text. */
const TEXT_CHARS_MAX = 2_000;

/** A text without its first arithmetic expression, whose numbers are nothing to look for. */
export function withoutExpression(text: string): string {
  const expression = firstIn(text);
  return expression === undefined ? text : text.replace(/\s+/g, ' ').replace(expression, ' ');
}

/** The first arithmetic expression in a text, in the signs of a calculator, or undefined. */
export function expressionIn(text: string): string | undefined {
  return firstIn(text)?.replaceAll('×', '*').replaceAll('÷', '/').replaceAll(',', '').trim();
}

function firstIn(text: string): string | undefined {
  const start = text.slice(0, TEXT_CHARS_MAX).replace(/\s+/g, ' ');
  for (const [found] of start.matchAll(EXPRESSION)) {
    if (found.length <= EXPRESSION_CHARS_MAX && TELLTALE.test(found) && isBalanced(found)) return found;
  }
  return undefined;
}

function isBalanced(expression: string): boolean {
  let open = 0;
  for (const sign of expression) {
    if (sign === '(') open += 1;
    if (sign === ')') open -= 1;
    if (open < 0) return false;
  }
  return open === 0;
}
