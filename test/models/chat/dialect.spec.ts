import { describe, expect, it } from 'vitest';
import { answered, asking, FIND, given, KEY, refusalOf } from './chat.fixture.ts';
import { AZURE_DEPLOYMENT } from './settings.ts';

const untooled = { model: 'gpt-5.5', messages: asking().messages };

describe('a compatible server', () => {
  it.each(['openrouter', 'gemini', 'mistral'])('%s answers nobody without a key', async (dialect) => {
    const { post } = await given(dialect);
    expect(await post(asking(), {})).toMatchObject({ status: 401 });
  });

  it.each(['plain', 'ollama', 'vllm', 'llama.cpp', 'lmstudio'])(
    "%s of one's own needs no key and ignores what it does not know",
    async (dialect) => {
      const { post } = await given(dialect);
      const unknown = {
        colour: { of: 1 },
        messages: [{ role: 'user', content: 'cats', colour: 1 }],
        tools: [{ ...FIND, colour: 1 }],
      };
      expect(await post({ ...asking(), ...unknown }, {})).toMatchObject({
        status: 200,
        body: { choices: [{ message: { tool_calls: [{}] } }] },
      });
      expect(await post({ ...asking(), colour: 1, messages: 7 }, {})).toMatchObject({ status: 400 });
    },
  );

  it('at Azure has deployments for models and takes its key in either header', async () => {
    const { post } = await given('azure');
    const body = { ...untooled, model: AZURE_DEPLOYMENT };
    expect(await post(body, { 'api-key': KEY }, '/openai/v1/chat/completions')).toMatchObject({ status: 200 });
    expect(await post(body)).toMatchObject({ status: 200 });
    expect(await post(body, {})).toMatchObject({ status: 401 });
    expect(await post(untooled)).toMatchObject({ status: 404, body: { error: { code: 'DeploymentNotFound' } } });
  });

  it('may refuse any one parameter by its name', async () => {
    const { ask } = await given('plain+refuses:stream_options+refuses:tool_choice');
    const refused = await refusalOf(ask({ stream_options: { include_usage: true } }));
    expect(refused).toMatchObject({ status: 400, param: 'stream_options', code: 'unknown_parameter' });
    expect(await refusalOf(ask({ tool_choice: 'auto' }))).toMatchObject({ param: 'tool_choice' });
    expect((await ask()).choices).toHaveLength(1);
  });

  it('may leave no choice to the model (vLLM without --enable-auto-tool-choice)', async () => {
    const { ask } = await given('vllm+no_auto_choice');
    for (const choice of [{}, { tool_choice: 'auto' as const }]) {
      const message = expect.stringContaining('requires --enable-auto-tool-choice');
      expect(await refusalOf(ask(choice))).toMatchObject({ status: 400, param: 'tool_choice', message });
    }
    expect((await ask({ tool_choice: 'required' })).choices[0]?.message.tool_calls).toHaveLength(1);
  });

  it('may have a smaller context', async () => {
    const { ask } = await given('llama.cpp+context:1000');
    const messages = [{ role: 'user' as const, content: 'x'.repeat(3_600) }];
    expect(await refusalOf(ask({ messages }))).toMatchObject({
      status: 400,
      message: expect.stringContaining('maximum context length is 1000'),
    });
    expect((await ask()).choices).toHaveLength(1);
  });

  it('is refused by its maker when its name or a switch is not known', async () => {
    await expect(given('clippy')).rejects.toThrow('there is no dialect "clippy"');
    await expect(given('plain+loud')).rejects.toThrow('no dialect can "loud"');
    await expect(given('plain+context:x')).rejects.toThrow('no dialect can "context:x"');
  });

  it("at Mistral takes neither OpenAI's parameters nor its choices, and says so in a form of its own", async () => {
    const { post } = await given('mistral');
    const refused = (loc: string) => ({
      status: 422,
      body: { object: 'error', message: { detail: [{ loc: ['body', loc] }] } },
    });
    expect(await post({ ...asking(), stream_options: { include_usage: true } })).toMatchObject(
      refused('stream_options'),
    );
    expect(await post({ ...asking(), max_completion_tokens: 9 })).toMatchObject(refused('max_completion_tokens'));
    expect(await post({ ...asking(), tool_choice: 'required' })).toMatchObject(refused('tool_choice'));
    expect(await post({ ...asking(), tool_choice: 'any', max_tokens: 999 })).toMatchObject({ status: 200 });
  });

  it('at Gemini says in a list what it refuses', async () => {
    const { post } = await given('gemini');
    expect(await post({ ...asking(), store: false })).toEqual({
      status: 400,
      body: [{ error: { code: 400, message: expect.stringContaining('store'), status: 'INVALID_ARGUMENT' } }],
    });
  });

  it('at LM Studio takes a choice only as a text, and says so in a text', async () => {
    const { post, ask } = await given('lmstudio');
    const choice = { type: 'function' as const, function: { name: 'find' } };
    expect(await post({ ...asking(), tool_choice: choice })).toEqual({
      status: 400,
      body: { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" },
    });
    expect(await refusalOf(ask({ tool_choice: choice }))).toMatchObject({
      message: expect.stringContaining('Invalid tool_choice type'),
    });
    expect((await ask({ tool_choice: 'required' })).choices[0]?.finish_reason).toBe('tool_calls');
  });

  it.each<[string, object]>([
    ['vllm', { error: { type: 'BadRequestError', code: 400, message: expect.stringContaining("'any'") } }],
    ['llama.cpp', { error: { type: 'invalid_request_error', code: 400, message: expect.any(String) } }],
    ['openrouter', { error: { code: 400, message: expect.stringContaining("'any'") }, user_id: expect.any(String) }],
  ])('%s words what it refuses in its own way', async (dialect, body) => {
    const { post } = await given(dialect);
    const request = { ...asking(), tool_choice: 'any', ...(dialect === 'llama.cpp' ? { messages: 7 } : {}) };
    expect(await post(request)).toEqual({
      status: 400,
      body: { ...body, error: expect.objectContaining(Object(body).error) },
    });
  });

  it.each(['plain', 'azure', 'ollama', 'vllm', 'llama.cpp', 'lmstudio', 'openrouter', 'gemini', 'mistral'])(
    '%s goes on when its own answer comes back with a result for each call',
    async (dialect) => {
      const { ask } = await given(dialect);
      const model = dialect === 'azure' ? AZURE_DEPLOYMENT : 'some-model';
      const messages = [{ role: 'user' as const, content: 'cats dogs' }];
      const first = await ask({ model, messages });
      expect(first.choices[0]?.message.tool_calls).toHaveLength(2);
      const { content, tool_calls: calls } = first.choices[0]?.message ?? {};
      const then = answered(messages, { role: 'assistant', content, tool_calls: calls });
      const second = await ask({ model, messages: then });
      expect(second.choices[0]?.message.content).toContain('Found — “R” 🔎.');
      const third = [
        ...then,
        { role: 'assistant' as const, content: 'So.' },
        { role: 'user' as const, content: 'birds' },
      ];
      expect((await ask({ model, messages: third })).choices[0]?.message.tool_calls).toHaveLength(1);
    },
  );
});
