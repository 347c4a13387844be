// A process that looks to the launcher like a role's, and does what it is told: becomes ready, hangs, says nothing.
import { createServer } from 'node:http';

const COMMANDS: Readonly<Record<string, () => void>> = {
  '/become-ready': () => (isReady = true),
  '/hang': () => {
    for (;;);
  },
};
let isReady = false;

if (process.env['FIXTURE_MUTE'] === '1') setInterval(() => undefined, 60_000);
else {
  const server = createServer((request, response) => {
    const { url = '' } = request;
    COMMANDS[url]?.();
    response.writeHead(url === '/readyz' && !isReady ? 503 : 200).end();
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const metricsPort = typeof address === 'object' ? address?.port : undefined;
    process.stdout.write(`${JSON.stringify({ metricsPort })}\n`);
  });
}
process.stdin.once('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));
