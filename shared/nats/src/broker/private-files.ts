import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Makes a folder for its owner alone, whatever the mask of the process is. */
export function ensureFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  chmodSync(folder, OWNER_ONLY_FOLDER);
}

/** Writes a file for its owner alone. */
export function write(file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY);
}
