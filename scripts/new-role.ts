import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Token } from '@troupe/contract';
import { readWords } from './cli/words.ts';
import { roleFiles } from './new-role/templates.ts';
import { linkWorkspace } from './new-role/workspace.ts';
import { ROOT } from './roles.ts';

const HELP = `npm run new-role -- <name> [--description "What it does, in one sentence."]

Makes services/<name>: a worker role with its declaration, decider, prompt, process and a passing test. The planner may
give it tasks from the next start on; its consumer and its credentials are made from its declaration.
`;

const { values, positionals } = readWords({
  allowPositionals: true,
  options: { description: { type: 'string' }, root: { type: 'string' }, help: { type: 'boolean' } },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [given] = positionals;
if (given === undefined) fail('Give the role a name: npm run new-role -- translator');
const name = Token.safeParse(given);
if (!name.success)
  fail(`"${given}" cannot be the name of a role: it ${name.error.issues[0]?.message ?? 'is not valid'}.`);
const root = values.root ?? ROOT;
const folder = join(root, 'services', name.data);
if (existsSync(folder)) fail(`services/${name.data} is there already.`);

const description = values.description ?? `A ${name.data} that works on the finished report.`;
for (const [path, text] of Object.entries(roleFiles(name.data, description))) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
linkWorkspace(root, name.data);
process.stdout.write(`services/${name.data} is ready.
  its prompt   services/${name.data}/src/prompt.ts
  its test     npm test -- services/${name.data}
  a run        npm start -- "… and use the ${name.data}"
`);
