import { parseArgs } from 'node:util';
import { MODEL_APIS } from './protocols.ts';
import { startModelServer } from './server.ts';

const HELP = `node test/models/main.ts --api ${MODEL_APIS.join('|')} [--port 0] [--character competent] [--dialect name] [--faults JSON]

Prints one line of JSON with the origin and port. GET /__requests tells what came, POST /__faults changes what goes wrong.
`;

const { values } = parseArgs({
  options: {
    api: { type: 'string' },
    port: { type: 'string' },
    character: { type: 'string' },
    dialect: { type: 'string' },
    faults: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const api = MODEL_APIS.find((name) => name === values.api);
if (values.help === true || api === undefined) {
  process.stdout.write(HELP);
  process.exit(values.help === true ? 0 : 2);
}
const { character, dialect } = values;
const server = await startModelServer({
  api,
  character,
  dialect,
  port: Number(values.port ?? '0'),
  faults: values.faults === undefined ? undefined : JSON.parse(values.faults),
});
process.stdout.write(`${JSON.stringify({ origin: server.origin, port: server.port, pid: process.pid })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
