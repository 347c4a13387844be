import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

// A process as a gateway is one: the SDKs as they are, with their default addresses.
const asked = await Promise.allSettled([
  new Anthropic({ apiKey: 'k', maxRetries: 0 }).messages.create({
    model: 'claude-sonnet-5-5',
    max_tokens: 1_000,
    messages: [{ role: 'user', content: 'Q' }],
  }),
  new OpenAI({ apiKey: 'k', maxRetries: 0 }).responses.create({ model: 'gpt-5.5', input: 'Q', store: false }),
  fetch('https://example.com/'),
]);
const told = asked.map((one) => (one.status === 'fulfilled' ? 'answered' : String(one.reason)));
process.stdout.write(`${JSON.stringify(told)}\n`);
