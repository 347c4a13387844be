import { type Bus, connectAs, launch, ProcessSettings, readSettings } from '@troupe/nats';
import { terminalText } from '@troupe/scripts/terminal-text';

/**
 * Does an operator's work as `admin` and prints the lines that it gives. `NATS_URL` and `TROUPE_AUTH_DIR` say where;
 * `waitForServer` waits for a server that is not up yet. A failure is one sentence and exit code 1.
 */
export function asAdmin(work: (admin: Bus) => Promise<string[]>, waitForServer = false): void {
  launch(async () => {
    const { NATS_URL, TROUPE_AUTH_DIR } = readSettings(ProcessSettings, process.env);
    const admin = await connectAs('admin', { url: NATS_URL, authDir: TROUPE_AUTH_DIR }, waitForServer);
    try {
      const lines = await work(admin);
      // In one piece, so that a reader who stops early (`| head`) is no failure.
      process.stdout.write(`${lines.map(safeLine).join('\n')}\n`);
    } finally {
      await admin.nc.close();
    }
  });
}

/** A line may quote anybody, and stays one line. */
const safeLine = (line: string): string => terminalText(line).replaceAll('\n', ' ');
