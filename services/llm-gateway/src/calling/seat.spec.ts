import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import type { FailureKind } from '../providers/provider.ts';
import { failureOf, modelOf, replyOf, rigOf, type Said, sayingProvider } from './calling.fixture.ts';
import type { Seat } from './seat.ts';

const never = new AbortController().signal;
const question = questionOf();

/** A seat that keeps what was done with it. */
function watchedSeat() {
  const done: string[] = [];
  const seat: Seat = {
    rise: () => void done.push('rise'),
    sit: (signal) => {
      done.push('sit');
      return Promise.resolve(!signal.aborted);
    },
    read: () => {
      done.push('read');
      return question;
    },
  };
  return { seat, done };
}

/** Asks a model that says this, and then answers. */
async function ask(first: Said) {
  const { seat, done } = watchedSeat();
  const called: Said = (call) => {
    done.push(`call ${call.question.turns.length}`);
    return replyOf();
  };
  const { models } = rigOf({ model: modelOf('a'), provider: sayingProvider('a', first, called) });
  expect(await models.ask(question, never, seat)).toMatchObject({ ok: true });
  return done;
}

describe('given a question with a seat', () => {
  it('when it is answered at once, then it keeps its seat, and is read once', async () => {
    expect(await ask(replyOf())).toEqual(['sit']);
  });

  it.each<FailureKind>(['overloaded', 'unreachable', 'rate_limited'])(
    'when a call was %s, then it waits without its seat and its prompt, and has both for the next call',
    async (kind) => {
      expect(await ask(failureOf(kind))).toEqual(['sit', 'rise', 'sit', 'read', 'call 1']);
    },
  );
});
