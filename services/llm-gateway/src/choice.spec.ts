import { describe, expect, it } from 'vitest';
import { modelChoice } from './choice.ts';

const BASE = { NATS_URL: 'nats://127.0.0.1:4222', TROUPE_AUTH_DIR: '/auth', TROUPE_ROLES: '/roles.json' };
const choice = (environment: NodeJS.ProcessEnv) => modelChoice({ ...BASE, ...environment });

describe('which models will be asked', () => {
  it('without a key, or when it was said so, is nobody', () => {
    expect(choice({})).toBeUndefined();
    expect(choice({ ANTHROPIC_API_KEY: 'k', TROUPE_MODEL_PROVIDER: 'offline' })).toBeUndefined();
  });

  it('with a key of Anthropic is the first of each tier, and the dearest token has a price', () => {
    const { models, usdPerTokenMax } = choice({ ANTHROPIC_API_KEY: 'k' }) ?? { models: [], usdPerTokenMax: 0 };
    expect(models).toEqual(['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5']);
    expect(usdPerTokenMax).toBeCloseTo(25 / 1_000_000);
  });

  it('with one model for everything is that one; of a server of one’s own nobody knows the price', () => {
    const local = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', TROUPE_MODEL: 'qwen3' };
    expect(choice(local)).toEqual({ models: ['qwen3'], usdPerTokenMax: undefined });
  });

  it.each(['ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL'])(
    'is not said where %s holds a password, which is not told',
    (name) => {
      for (const login of ['me:PASSWORD@', ':PASSWORD@', 'PASSWORD@']) {
        const setting = { [name]: `https://${login}models.example`, TROUPE_MODEL: 'qwen3' };
        expect(() => choice(setting)).toThrow(
          new RegExp(`^(?!.*PASSWORD).*${name}: must hold no user and no password`),
        );
      }
    },
  );

  it('with a model that no key is for is an error that names the setting', () => {
    expect(() => choice({ OPENAI_API_KEY: 'k', TROUPE_MODEL: 'claude-opus-5-5' })).toThrow('ANTHROPIC_API_KEY');
  });
});
