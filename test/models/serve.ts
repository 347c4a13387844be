import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Character } from './character.ts';
import type { Asked, Protocol, Valid } from './exchange.ts';
import { faultBox, type FaultBox, type FaultInput, faultIs, FaultSettings, type Struck } from './faults.ts';
import { parseJson, readBody } from './incoming.ts';
import { type Entry, Ledger, type Requests } from './ledger.ts';
import { obedient } from './obedient.ts';
import { isMidway, sendBody, sendEvents, sendPlain } from './outgoing.ts';
import { spoilt } from './spoil.ts';
import { withinLimit } from './tokens.ts';

export interface ModelServer {
  /** Without a path: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly port: number;
  requests(): Requests;
  setFaults(faults: FaultInput): void;
  setCharacter(character: Character): void;
  close(): Promise<void>;
}

export interface ServeOptions {
  character: Character;
  faults?: FaultInput | undefined;
  /** 0 or left out: a free one. */
  port?: number | undefined;
}

interface Service {
  protocol: Protocol;
  character: Character;
  faults: FaultBox;
  ledger: Ledger;
}

/** A service that speaks `protocol` on a local port; what it says is the character's. */
export async function serve(protocol: Protocol, options: ServeOptions): Promise<ModelServer> {
  const service: Service = {
    protocol,
    character: options.character,
    faults: faultBox(options.faults),
    ledger: new Ledger(),
  };
  const server = createServer((incoming, response) => {
    response.on('error', () => response.destroy());
    handle(service, incoming, response).catch((error: unknown) => {
      // A client that leaves while it still sends is no fault of this server's.
      if (!incoming.destroyed) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const port = portOf(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests: () => service.ledger.read(),
    setFaults: (faults) => service.faults.set(faults),
    setCharacter(character) {
      service.character = character;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function handle(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { protocol, ledger } = service;
  const path = (incoming.url ?? '').split('?', 1)[0] ?? '';
  const bodyText = await readBody(incoming);
  if (path.startsWith('/__')) return command(service, path, bodyText ?? '', response);
  const json = bodyText === undefined ? undefined : parseJson(bodyText);
  const entry = ledger.open(path, json?.value, keyless(incoming.headers));
  response.on('close', () => entry.end('aborted'));
  const refuse = (fate: 'refused' | 'told', plain: { status: number; body: unknown }) => {
    entry.end(fate, plain.status);
    sendPlain(response, plain);
  };
  const detail = { retryAfterSeconds: 0 };
  if (bodyText === undefined) return refuse('refused', protocol.failure('too_large', detail));
  if (json === undefined && incoming.method === 'POST') return refuse('refused', protocol.failure('no_json', detail));
  const { method = '', headers } = incoming;
  const asked: Asked = { method, path, headers, body: json?.value, bodyText };
  const read = protocol.read(asked);
  if (read.kind !== 'valid') return refuse(read.kind, read.plain);
  const struck = service.faults.strike(read.question.model, ledger.active);
  entry.question(read.question.model, read.question.conversation);
  if (struck !== undefined) entry.fault(struck.fault);
  await answer(service, read.question, { entry, response, struck });
}

async function answer(
  { protocol, character, faults }: Service,
  question: Valid,
  { entry, response, struck }: { entry: Entry; response: ServerResponse; struck: Struck | undefined },
): Promise<void> {
  const fault = struck?.fault;
  if (fault === 'reset') {
    entry.end('failed');
    response.destroy();
    return;
  }
  if (struck !== undefined && faultIs.status(struck.fault)) {
    const plain = protocol.failure(struck.fault, struck);
    entry.end('failed', plain.status);
    sendPlain(response, plain);
    return;
  }
  entry.begin();
  if (fault === 'hang') return;
  const fitting = obedient(character.reply(question.conversation), question.conversation);
  const spoken =
    fault !== undefined && faultIs.ofWords(fault) ? spoilt(fitting, fault, question.conversation) : fitting;
  const said = withinLimit(spoken, question.outputTokensMax);
  const { latencyMs, paceMs, limits } = faults.settings;
  if (latencyMs + said.delayMs > 0) await wait(latencyMs + said.delayMs);
  if (response.destroyed) return;
  const form = question.speak(said);
  const headers = { ...form.headers, ...(limits === undefined ? {} : protocol.limitHeaders(limits)) };
  const midway = isMidway(fault) ? fault : undefined;
  const whole = () => entry.end(midway === undefined ? 'answered' : 'failed', 200);
  if (question.streamed) {
    const how = { midway, paceMs: paceMs + said.paceMs, errorEvent: protocol.errorEvent(), whole };
    await sendEvents(response, { ...form, headers }, how);
  } else {
    sendBody(response, { ...form, headers }, midway, whole);
  }
}

function command({ faults, ledger }: Service, path: string, bodyText: string, response: ServerResponse): void {
  if (path === '/__requests') return sendPlain(response, { status: 200, body: ledger.read() });
  if (path !== '/__faults') return sendPlain(response, { status: 404, body: { error: `there is no ${path}` } });
  const parsed = FaultSettings.safeParse(parseJson(bodyText)?.value);
  if (!parsed.success) return sendPlain(response, { status: 400, body: { error: parsed.error.message } });
  faults.set(parsed.data);
  sendPlain(response, { status: 200, body: parsed.data });
}

/** The headers that may be kept: a key is never shown, not even to a test. */
function keyless(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || /key|authorization|cookie/.test(name) ? [] : [[name, String(value)]],
    ),
  );
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
