import type { FaultInput } from './faults.ts';
import { characterNamed } from './characters/cast.ts';
import type { ModelApi } from './protocols.ts';
import { protocolOf } from './protocols.ts';
import { type ModelServer, serve } from './serve.ts';

export interface ModelServerOptions {
  api: ModelApi;
  /** A name of the cast; `competent` if left out. */
  character?: string | undefined;
  faults?: FaultInput | undefined;
  port?: number | undefined;
  /** Of chat completions alone: the compatible server that is played; OpenAI's own if left out. */
  dialect?: string | undefined;
}

/** A strict service of one API in this process. */
export function startModelServer({ api, character, faults, port, dialect }: ModelServerOptions): Promise<ModelServer> {
  return serve(protocolOf(api, dialect), { character: characterNamed(character ?? 'competent'), faults, port });
}
