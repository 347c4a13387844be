import { describe, expect, it } from 'vitest';
import { ERROR_BODY_CHARS_MAX, errorIn, readableErrors } from './error-body.ts';
import { startSseServer } from './sse-server.fixture.ts';

const told = { message: 'no', type: 'invalid_request_error', param: 'tools', code: 'odd' };

describe('the body of a refusal', () => {
  it.each<[string, unknown, object]>([
    ['as OpenAI words it', { error: told }, told],
    ['in a list, as Gemini does', [{ error: told }], told],
    ['as a text, as LM Studio does', { error: 'no' }, { message: 'no' }],
    ['without a cover, as Mistral does', { object: 'error', ...told }, told],
    ['in a form of its own', { detail: 'no' }, { message: '{"detail":"no"}' }],
    ['as nothing', '', { message: '""' }],
  ])('is read %s', (_how, body, expected) => {
    expect(errorIn(JSON.stringify(body), undefined)).toEqual(expected);
  });

  it('is quoted no further than a person reads', () => {
    expect(errorIn('x'.repeat(ERROR_BODY_CHARS_MAX), undefined).message).toHaveLength(500);
  });

  it('is read no further than its bound, whatever comes', async () => {
    const body = JSON.stringify({ error: { message: 'x'.repeat(ERROR_BODY_CHARS_MAX) } });
    const { baseUrl } = await startSseServer([{ status: 400, body }]);
    const response = await readableErrors(undefined, baseUrl, { method: 'POST', body: '{}' });
    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeLessThan(1_000);
  });
});
