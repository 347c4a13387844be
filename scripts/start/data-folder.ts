import { accessSync, constants, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, sentenceOf } from '../cli/failure.ts';

const MB = 1024 * 1024;
/** With less than this Troupe does not start, because its log could not grow for long. */
const FREE_BYTES_TO_START = 64 * MB;
/** With less than this it stops, while everything can still be written down. */
const FREE_BYTES_TO_RUN = 8 * MB;
const WATCH_MS = 2_000;

/** Makes the data folder. Throws a Failure with one sentence if it cannot be written to or the disk is full. */
export function prepareDataFolder(dataDir: string): void {
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainDataFolder(dataDir, error);
  }
  const free = freeBytes(dataDir);
  if (free < FREE_BYTES_TO_START) throw new Failure(diskFull(dataDir, free));
}

/**
 * Makes a folder, and those that it lies in. Not with `recursive`: where the file system takes no folders and says that
 * one is missing (`/proc`), Node would try for ever.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** An error of the file system in the data folder as one sentence; any other error as its own. */
export function explainDataFolder(dataDir: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const options = { cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure(diskFull(dataDir, 0), undefined, options);
    case 'ENOENT':
      return new Failure(`The data folder "${dataDir}" cannot be made: name another with --data.`, undefined, options);
    case 'EEXIST':
    case 'ENOTDIR':
      return new Failure(
        `The data folder "${dataDir}" is a file, or lies in one: name another with --data.`,
        undefined,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure(
        `The data folder "${dataDir}" cannot be written to: check who owns it, or name another with --data.`,
        undefined,
        options,
      );
    default:
      return error instanceof Failure ? error : new Failure(sentenceOf(error), undefined, options);
  }
}

/** Resolves with a sentence once the disk is nearly full; never otherwise. Checks every 2 s and holds nothing up. */
export function whenDiskIsFull(dataDir: string): Promise<string> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const free = freeBytesIfThere(dataDir);
      if (free >= FREE_BYTES_TO_RUN) return;
      clearInterval(timer);
      resolve(diskFull(dataDir, free));
    }, WATCH_MS);
    timer.unref();
  });
}

function freeBytes(dataDir: string): number {
  const { bavail, bsize } = statfsSync(dataDir);
  return bavail * bsize;
}

/** A folder that is gone is no full disk; and a check that fails must not end the launcher. */
function freeBytesIfThere(dataDir: string): number {
  try {
    return freeBytes(dataDir);
  } catch {
    return Infinity;
  }
}

const diskFull = (dataDir: string, free: number): string =>
  `The disk of the data folder "${dataDir}" is full (${Math.floor(free / MB)} MB are free): make room, or name another with --data.`;
