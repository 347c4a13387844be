import { RE2JS } from 're2js';
import type { Policy } from './policy.ts';

/**
 * Masks what the rules' patterns find, as `[masked: <rule>]`. RE2 syntax and linear time (re2js): no pattern can hang
 * the guard on a hostile text. Throws a sentence for a pattern that RE2 does not know, at start.
 */
export function masker(rules: Policy['output']['mask']): (text: string) => { text: string; masked: number } {
  const patterns = rules.map(({ id, pattern }) => ({ id, expression: compile(id, pattern) }));
  return (original) => {
    let text = original;
    let masked = 0;
    for (const { id, expression } of patterns) {
      const matcher = expression.matcher(text);
      let found = 0;
      while (matcher.find()) found += 1;
      if (found > 0) text = expression.matcher(text).replaceAll(`[masked: ${id}]`);
      masked += found;
    }
    return { text, masked };
  };
}

function compile(id: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(
      `The mask "${id}" has a pattern that RE2 cannot read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
