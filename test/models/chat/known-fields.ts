import { ChatRequest } from './request.ts';

/** Fields of one request that are looked for: what has more is refused as it is. */
const ROUNDS_MAX = 8;

/** A body without the fields that OpenAI does not know, as most of the servers read it. */
export function withKnownFields(body: unknown): unknown {
  const kept: unknown = structuredClone(body);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const issues = ChatRequest.safeParse(kept).error?.issues ?? [];
    const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
    if (unknown.length === 0) return kept;
    for (const { path, keys } of unknown) {
      const owner = path.reduce<unknown>((at, step) => (isHolder(at) ? Reflect.get(at, step) : undefined), kept);
      if (isHolder(owner)) for (const key of keys) Reflect.deleteProperty(owner, key);
    }
  }
  return kept;
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null;
