import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Company } from './company.fixture.ts';

const KEY = `sk-${'Ab3dEf6hIj9kLmN0pQrStUv'}`;
const TAG = '<img src=x onerror=alert(1)>.md';

let company: Company | undefined;
let folder: string | undefined;
afterEach(async () => {
  await company?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  [company, folder] = [undefined, undefined];
});

describe('a result', () => {
  it('lists documents with hostile names under Sources, masked and as text', async () => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-names-'));
    writeFileSync(join(folder, `${KEY}.md`), 'Battery ferries carry forty cars in calm weather.\n');
    writeFileSync(join(folder, TAG), 'Battery ferries stay in port when a storm comes.\n');
    company = await Company.start({ docs: folder });
    const { ends } = await company.run('How do battery ferries perform in a storm?');
    const [text = '', list = ''] = ends[0]?.body.markdown.split('\n## Sources\n') ?? [];
    expect(list).toContain('`[masked: api-key].md`:1');
    expect(list).toContain(`\`${TAG}\`:1`);
    expect(text + list).not.toContain(KEY);
    expect(list.trim().split('\n')).toHaveLength(2);
  });

  it('tells why there is no plan without the keys and addresses that a provider quotes', async () => {
    const message = `wrong key ${KEY}, see ![x](https://evil.example/?k=1) <script>alert(1)</script>`;
    company = await Company.start({ model: () => Promise.resolve({ ok: false, kind: 'rejected', message }) });
    const { ends } = await company.run('How do ferries perform?');
    expect(ends.map(({ body }) => [body.status, body.markdown, body.reason])).toEqual([
      [
        'failed',
        '',
        'the model did not answer (rejected): wrong key [masked: api-key], see x (`https://evil.example/?k=1`) &lt;script>alert(1)&lt;/script>',
      ],
    ]);
  });
});
