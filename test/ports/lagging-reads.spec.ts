import { type Append, ConflictError, TransientError } from '@troupe/actor';
import { encode, INTAKE, LogLayout, RUN_TASK } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrokerClock, NatsJournal } from '@troupe/nats';
import { LaggingCluster } from './lagging-cluster.fixture.ts';

const layout = new LogLayout(1);
const REF = { tenant: 'acme', run: '01990000-0000-7000-8000-000000000001' };
const SCOPE = { ...REF, task: 't1', role: 'writer' };
const NEVER = new AbortController().signal;

const place = (ordinal: number, to = 'log') => ({ ...REF, task: 't1', from: 'writer', to, ordinal });
const write = (ordinal: number, expectedSeq: number, what = 'mine'): Append => ({
  scope: SCOPE,
  address: place(ordinal),
  bytes: encode({ what }),
  expectedSeq,
});

let cluster = new LaggingCluster();
let journal: NatsJournal;
const append = (one: Append) => journal.append(one, NEVER);

beforeEach(() => {
  cluster = new LaggingCluster();
  const clock = new BrokerClock();
  // A sample of the clock is a read of its own.
  clock.wantsSample();
  journal = new NatsJournal(cluster, layout, clock);
});

it('an append that nothing disturbs is one request, and no read', async () => {
  await append(write(0, 0));
  expect([cluster.appends, cluster.reads]).toEqual([1, []]);
});

describe('an append whose acknowledgement is lost', () => {
  it('is recognised when it is repeated, also by a server that shows it later', async () => {
    cluster.troubles = ['the acknowledgement is lost'];
    cluster.blindReads = 3;
    expect(await append(write(0, 0))).toBe(11);
    expect(cluster.entries).toHaveLength(1);
    expect(cluster.reads).toHaveLength(4);
    // The first, and the one that is refused because it is there: a read that lags costs no further one.
    expect(cluster.appends).toBe(2);
  });

  it('is recognised though more was written since, to somebody else', async () => {
    const first = await append(write(0, 0));
    await append(write(1, first));
    cluster.blindReads = 2;
    expect(await append(write(0, 0))).toBe(first);
  });

  it('is recognised at once where nothing lags, by one read', async () => {
    cluster.troubles = ['the acknowledgement is lost'];
    await append(write(0, 0));
    expect(cluster.reads).toHaveLength(1);
  });

  it('of the intake is recognised by what its role may read: what the intake wrote to it', async () => {
    const address = { ...REF, task: RUN_TASK, from: INTAKE, to: 'writer', ordinal: 0 };
    const scope = { ...REF, task: RUN_TASK, role: INTAKE };
    cluster.troubles = ['the acknowledgement is lost'];
    cluster.blindReads = 2;
    expect(await append({ scope, address, bytes: encode({}), expectedSeq: 0 })).toBe(11);
    expect(new Set(cluster.reads)).toEqual(new Set([layout.message(address)]));
  });
});

describe('a message that is in flight in the cluster (10164)', () => {
  const inFlight = { err_code: 10164, description: 'wrong last sequence' };

  it('decides nothing yet: the append is repeated until it is stored', async () => {
    cluster.troubles = [inFlight, inFlight];
    expect(await append(write(0, 0))).toBe(11);
    expect(cluster.appends).toBe(3);
  });

  it('is a lost race when it turns out to be somebody else’s', async () => {
    cluster.troubles = [inFlight];
    const theirs = cluster.store(layout.message(place(0, 'critic')), encode({}));
    await expect(append(write(0, 0))).rejects.toMatchObject({ name: 'ConflictError', lastSeq: theirs });
  });
});

describe('an append that cannot be stored', () => {
  const refused = (err_code: number, description: string) =>
    Array.from({ length: 1_000 }, () => ({ err_code, description }));
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is given back after 20 refusals of a full stream', async () => {
    cluster.troubles = refused(10077, 'maximum bytes exceeded');
    const failed = append(write(0, 0)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await failed).toBeInstanceOf(TransientError);
    expect(cluster.appends).toBe(20);
  });

  it('is held on to for as long as an election may take, and given back after 100 s without a leader', async () => {
    cluster.troubles = refused(10008, 'JetStream system temporarily unavailable');
    const ended = vi.fn<() => void>();
    const failed = append(write(0, 0)).catch((error: unknown) => error);
    void failed.then(ended);
    await vi.advanceTimersByTimeAsync(95_000);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await failed).toBeInstanceOf(TransientError);
  });
});

describe('a lost race', () => {
  it('says up to where the log has to be read, and reads no more than once where nothing lags', async () => {
    const theirs = cluster.store(layout.message(place(0)), encode({ what: 'theirs' }));
    const lost: unknown = await append(write(0, 0)).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(ConflictError);
    expect(lost).toMatchObject({ lastSeq: theirs });
    expect(cluster.reads).toHaveLength(1);
  });

  it('is none as long as the server that answers does not know the writer’s last message: it leads no more', async () => {
    const first = await append(write(0, 0));
    cluster.troubles = [{ err_code: 10071, description: 'wrong last sequence: 0' }];
    expect(await append(write(1, first))).toBe(12);
  });
});

describe('a read that has to show what is known to be stored', () => {
  it('is repeated until it does', async () => {
    const first = await append(write(0, 0));
    const second = await append(write(1, first));
    cluster.blindReads = 3;
    const sent = await journal.sent(SCOPE, 0, second);
    expect(sent.map(({ seq }) => seq)).toEqual([first, second]);
  });

  it('fails in the end, to be tried again, and never gives a beginning for the whole', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const first = await append(write(0, 0));
      cluster.blindReads = Infinity;
      const failed = journal.sent(SCOPE, 0, first).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(6_000);
      expect(await failed).toBeInstanceOf(TransientError);
      expect(cluster.reads.length).toBeLessThan(30);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is one read where nothing is known: what it shows is all that it says', async () => {
    await append(write(0, 0));
    cluster.blindReads = 1;
    expect(await journal.sent(SCOPE, 0)).toEqual([]);
    expect(cluster.reads).toHaveLength(1);
  });
});

describe('the last sequence of an actor', () => {
  it('is the leader’s word, whatever reads show, and stores nothing', async () => {
    expect(await journal.lastSeq(SCOPE, 'log')).toBe(0);
    const first = await append(write(0, 0));
    cluster.blindReads = Infinity;
    expect(await journal.lastSeq(SCOPE, 'log')).toBe(first);
    expect(await journal.lastSeq({ ...SCOPE, task: '*' }, 'log')).toBe(first);
    expect(cluster.entries).toHaveLength(1);
    expect(cluster.reads).toEqual([]);
  });
});
