import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, loadCatalogue } from './catalogue.ts';

const BUILT_IN = fileURLToPath(new URL('../../models.yaml', import.meta.url));

/**
 * The models that the gateway knows: its own file, and a user's on top of it. Throws an Error that names the file, and
 * the line if it can be read.
 */
export function readCatalogue(ownFile?: string): Catalogue {
  const builtIn = loadCatalogue(readFileSync(BUILT_IN, 'utf8'), basename(BUILT_IN));
  return ownFile === undefined ? builtIn : loadCatalogue(readOwn(ownFile), ownFile, builtIn);
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
