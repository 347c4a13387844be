import { closeSync, constants, type Dirent, fstatSync, lstatSync, opendirSync, openSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { MovedError } from './file-error.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
/** A link is refused, and neither a pipe nor a device keeps the process waiting. */
const FILE = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const ENTRIES_BUFFERED = 512;

/**
 * A folder that is held open: what is opened in it is in this very folder, whatever its name leads to by then.
 *
 * Node has no `openat`. On Linux `/proc/self/fd/<n>/<name>` does the same, so no name is ever resolved twice. Elsewhere
 * (and where /proc cannot be seen) files are opened by path, and afterwards every folder of that path has to be the one
 * that was opened and the file the one that has that name: that finds a swap, but not one that is undone and done again
 * between those looks.
 */
export class OpenFolder {
  readonly #fd: number;
  readonly #path: string;
  readonly #parent: OpenFolder | undefined;
  readonly #byDescriptor: boolean;

  private constructor(fd: number, path: string, byDescriptor: boolean, parent?: OpenFolder) {
    this.#fd = fd;
    this.#path = path;
    this.#byDescriptor = byDescriptor;
    this.#parent = parent;
  }

  /** Opens a folder by its path, until close(); links in that path are the caller's and are followed. Throws the system's error. */
  static open(path: string, byDescriptor = true): OpenFolder {
    const fd = openSync(path, FOLDER);
    try {
      return new OpenFolder(fd, realpathSync.native(path), byDescriptor && namesDescriptors(fd));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Where the folder really was when it was opened. */
  get path(): string {
    return this.#path;
  }

  /** Opens a folder in this one, never through a link, and closes it when `use` has ended. */
  within<Result>(name: string, use: (folder: OpenFolder) => Result): Result {
    const fd = this.#open(name, FOLDER | FILE);
    const folder = new OpenFolder(fd, join(this.#path, name), this.#byDescriptor, this);
    try {
      return use(folder);
    } finally {
      folder.close();
    }
  }

  /** Opens a file in this folder, never through a link; flags and mode are those of open(2). The caller closes it. */
  file(name: string, flags: number = constants.O_RDONLY, mode?: number): number {
    return this.#open(name, flags | FILE, mode);
  }

  /** Opens a file to read, never through a link, and closes it when `use` has ended. */
  withFile<Result>(name: string, use: (fd: number) => Result): Result {
    const fd = this.file(name);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** The size in bytes that this name has now, of a link that of the link: a hint, not a promise. */
  sizeOf(name: string): number {
    return lstatSync(this.#at(name)).size;
  }

  /** Where this name leads to now, links resolved. */
  targetOf(name: string): string {
    return realpathSync.native(this.#at(name));
  }

  /** What is in the folder, in the order of the system. */
  *entries(): Generator<Dirent> {
    const path = this.#byDescriptor ? `/proc/self/fd/${this.#fd}` : this.#path;
    const folder = opendirSync(path, { bufferSize: ENTRIES_BUFFERED });
    try {
      this.#verify();
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
    } finally {
      folder.closeSync();
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #at(name: string): string {
    return this.#byDescriptor ? `/proc/self/fd/${this.#fd}/${name}` : join(this.#path, name);
  }

  #open(name: string, flags: number, mode?: number): number {
    const fd = openSync(this.#at(name), flags, mode);
    try {
      this.#verify();
      if (!this.#byDescriptor) sameFile(this.#at(name), fd);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #verify(): void {
    if (this.#byDescriptor) return;
    if (this.#parent !== undefined) this.#parent.#verify();
    sameFile(this.#path, this.#fd);
  }
}

function sameFile(path: string, fd: number): void {
  const named = lstatSync(path, { bigint: true });
  const opened = fstatSync(fd, { bigint: true });
  if (named.dev !== opened.dev || named.ino !== opened.ino) throw new MovedError();
}

/** Whether this system has names for open descriptors that lead to what was opened, and not to where it was. */
function namesDescriptors(fd: number): boolean {
  try {
    sameFile(`/proc/self/fd/${fd}/.`, fd);
    return true;
  } catch {
    return false;
  }
}
