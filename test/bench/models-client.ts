import { createInterface } from 'node:readline';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { z } from 'zod';
import type { ModelApi } from '../models/protocols.ts';
import { Calls, timed } from './models-calls.ts';
import { markOf } from './models-question.ts';

/**
 * Makes the gateway's own requests with the vendor's SDK, without a gateway: `node models-client.ts <api> <origin>`.
 * Each line on standard input is an {@link Order}, each on standard output what its calls took.
 */
const Order = Calls.extend({
  /** JSON of the request of question 0. */
  body: z.string(),
});

const KEY = 'sk-test-0123456789abcdef';
const isRequest = (value: unknown): boolean => typeof value === 'object' && value !== null;

type Send = (json: string) => () => Promise<void>;

/** Reads a request, and sends it later: what is measured is the call. */
const SEND: Readonly<Record<ModelApi, (origin: string) => Send>> = {
  messages: (origin) => {
    const client = new Anthropic({ apiKey: KEY, baseURL: origin, maxRetries: 0, logLevel: 'off' });
    const Body = z.custom<Anthropic.MessageStreamParams>(isRequest);
    return (json) => {
      const body = Body.parse(JSON.parse(json));
      return async () => void (await client.messages.stream(body).finalMessage());
    };
  },
  responses: (origin) => {
    const client = openAi(origin);
    const Body = z.custom<OpenAI.Responses.ResponseCreateParamsStreaming>(isRequest);
    return (json) => {
      const body = Body.parse(JSON.parse(json));
      return async () => readAll(await client.responses.create(body));
    };
  },
  chat: (origin) => {
    const client = openAi(origin);
    const Body = z.custom<OpenAI.ChatCompletionCreateParamsStreaming>(isRequest);
    return (json) => {
      const body = Body.parse(JSON.parse(json));
      return async () => readAll(await client.chat.completions.create(body));
    };
  },
};

const openAi = (origin: string): OpenAI =>
  new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0, logLevel: 'off' });

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  const events: unknown[] = [];
  for await (const event of stream) events.push(event);
  if (events.length === 0) throw new Error('The answer was empty.');
}

const [api, origin] = z.tuple([z.enum(['messages', 'responses', 'chat']), z.url()]).parse(process.argv.slice(2));
const prepare = SEND[api](origin);
for await (const line of createInterface({ input: process.stdin })) {
  const { body, ...calls } = Order.parse(JSON.parse(line));
  const sends = Array.from({ length: calls.count }, (_, index) =>
    prepare(body.replaceAll(markOf(0), markOf(calls.first + index))),
  );
  const took = await timed(calls, (nth) => sends[nth - calls.first]?.() ?? Promise.resolve());
  process.stdout.write(`${JSON.stringify(took)}\n`);
}
