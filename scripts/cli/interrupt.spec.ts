import { afterEach, describe, expect, it, vi } from 'vitest';
import { catchInterrupts } from './interrupt.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

afterEach(() => {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
});

describe('Ctrl-C', () => {
  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('gives the exit code of the first signal: %s', async ([signal, code]) => {
    const interrupts = catchInterrupts();
    expect(interrupts.happened).toBe(false);
    process.emit(signal);
    expect(await interrupts.first).toBe(code);
    expect(interrupts.happened).toBe(true);
  });

  it('that comes by two ways at once is one; a second one later is haste', () => {
    let now = 0;
    const hurry = vi.fn<() => void>();
    const interrupts = catchInterrupts(() => now);
    interrupts.onSecond(hurry);
    process.emit('SIGINT');
    now = 900;
    process.emit('SIGTERM');
    expect(hurry).not.toHaveBeenCalled();
    now = 1_500;
    process.emit('SIGINT');
    expect(hurry).toHaveBeenCalledOnce();
  });
});
