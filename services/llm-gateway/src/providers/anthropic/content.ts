import type { Anthropic } from '@anthropic-ai/sdk';
import { z } from 'zod';

/** A block of a message as the service sent it. What is not read of it is kept all the same, its order of keys included. */
export const Block = z.custom<Anthropic.ContentBlockParam>(
  (value) => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string',
  'must be a content block',
);
export type Block = z.infer<typeof Block>;

/** The text of a message: that of all its text blocks, one after the other. */
export function textOf(content: readonly Block[]): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
