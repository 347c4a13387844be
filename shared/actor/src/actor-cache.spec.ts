import { describe, expect, it } from 'vitest';
import { ActorCache } from './actor-cache.ts';
import { newActor } from './actor.ts';

const actorOf = (task: string) => newActor({ tenant: 'default', run: 'r', task, role: 'tester' }, 0);

describe('the actor cache', () => {
  it('lets the least recently used actor go', () => {
    const cache = new ActorCache<number>(2);
    cache.put('a', actorOf('a'));
    cache.put('b', actorOf('b'));
    cache.get('a');
    cache.put('c', actorOf('c'));
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((actor) => actor?.scope.task)).toEqual([
      'a',
      undefined,
      'c',
    ]);
    expect(cache.size).toBe(2);
  });

  it('keeps actors that are busy, beyond its bound', () => {
    const cache = new ActorCache<number>(1);
    const busy = actorOf('a');
    busy.busy = 1;
    cache.put('a', busy);
    cache.put('b', actorOf('b'));
    expect(cache.get('a')).toBe(busy);
    expect(cache.size).toBe(2);
  });

  it('is within its bound again once those that were busy are not', () => {
    const cache = new ActorCache<number>(2);
    const busy = Array.from({ length: 20 }, (_, index) => Object.assign(actorOf(`a${index}`), { busy: 1 }));
    for (const actor of busy) cache.put(actor.scope.task, actor);
    for (const actor of busy) actor.busy = 0;
    cache.put('b', actorOf('b'));
    expect(cache.size).toBe(2);
  });

  it('remembers which actors are done, at most as many as it holds actors', () => {
    const cache = new ActorCache<number>(2);
    cache.put('a', actorOf('a'));
    for (const key of ['a', 'b', 'c']) cache.retire(key);
    expect(cache.size).toBe(0);
    expect(['a', 'b', 'c'].map((key) => cache.wasRetired(key))).toEqual([false, true, true]);
  });
});
