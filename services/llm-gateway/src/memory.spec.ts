import { subjects } from '@troupe/contract';
import { encodeQuestion } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, type GatewayRig, startGatewayRig } from './gateway-process.fixture.ts';
import { questionOf } from './providers/question.fixture.ts';

const MB = 1_000_000;
/** What a gateway may grow by, whatever it is asked. */
const GROWTH_BYTES_MAX = 200 * MB;
/** Questions between two looks at the gateway: 20 MB, a third of what the broker holds back for a client. */
const BATCH = 40;

/** Where the role that asks here asks. */
const ASK = subjects.ask('default', 'researcher');

let rig: GatewayRig;
let gateway: GatewayProcess;

beforeAll(async () => {
  rig = await startGatewayRig();
});
afterAll(() => rig?.stop());

/** Asks all that `questions` gives; resolves with the most that the gateway grew by, in bytes. */
async function growthUnder(questions: Iterable<Uint8Array>): Promise<number> {
  gateway = await rig.start({
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_SCRIPTED_LATENCY_MS: '60000',
    TROUPE_DRAIN_MS: '0',
  });
  const { nc } = rig.agent;
  const before = await gateway.residentBytes();
  let peak = before;
  let count = 0;
  for (const question of questions) {
    nc.publish(ASK, question, { reply: '_INBOX_researcher.unheard' });
    if ((count += 1) % BATCH !== 0) continue;
    // Nothing is refused at once, without waiting for a call: everything before it has been read.
    await nc.request(ASK, '', { timeout: 30_000 });
    peak = Math.max(peak, await gateway.residentBytes());
  }
  await nc.request(ASK, '', { timeout: 30_000 });
  peak = Math.max(peak, await gateway.residentBytes());
  await gateway.stop();
  return peak - before;
}

/** `count` different questions of about 500 KB: one, with another ID each time. */
function* long(count: number): Generator<Uint8Array> {
  const mark = 'long-0000000';
  const one = encodeQuestion(questionOf({ id: mark, turns: [{ role: 'user', text: 'x'.repeat(500_000) }] }));
  const at = Buffer.from(one).indexOf(mark);
  for (let nth = 0; nth < count; nth += 1) {
    const bytes = new Uint8Array(one);
    bytes.set(new TextEncoder().encode(`long-${String(nth).padStart(7, '0')}`), at);
    yield bytes;
  }
}

/** Questions whose turns are a list of `size` nils: a byte each on the wire, a complaint each to a careless reader. */
function* wide(count: number, size: number): Generator<Uint8Array> {
  const head = Uint8Array.of(0x81, 0xa5, ...new TextEncoder().encode('turns'), 0xdd, ...uint32(size));
  const bytes = new Uint8Array(head.length + size).fill(0xc0);
  bytes.set(head);
  for (let nth = 0; nth < count; nth += 1) yield bytes;
}

const uint32 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

describe('given a gateway whose model is slow', () => {
  it('when 600 questions of 500 KB are asked, then its memory stays within its bounds', async () => {
    expect(await growthUnder(long(600))).toBeLessThan(GROWTH_BYTES_MAX);
  }, 120_000);

  it('when questions of 144 KB hold a list of nothing, then they are refused for next to nothing', async () => {
    expect(await growthUnder(wide(80, 144_000))).toBeLessThan(GROWTH_BYTES_MAX);
  }, 120_000);
});
