import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('given a key that is kept, then its value is not made again', () => {
  const recent = new Recent<{ made: number }>(2);
  const first = recent.get('a', () => ({ made: 1 }));
  expect(recent.get('a', () => ({ made: 2 }))).toBe(first);
});

test('given more keys than the bound, then the one not asked for longest is dropped', () => {
  const recent = new Recent<{ made: number }>(2);
  recent.get('a', () => ({ made: 1 }));
  recent.get('b', () => ({ made: 1 }));
  recent.get('a', () => ({ made: 2 }));
  recent.get('c', () => ({ made: 1 }));
  expect(recent.size).toBe(2);
  expect(recent.get('a', () => ({ made: 3 }))).toEqual({ made: 1 });
  expect(recent.get('b', () => ({ made: 3 }))).toEqual({ made: 3 });
});
