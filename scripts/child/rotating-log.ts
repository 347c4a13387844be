import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const LOG_BYTES_MAX = 8 * 1024 * 1024;
/** The one that is written to and the ones before it. */
const LOG_FILES_MAX = 4;

const NEWLINE = 0x0a;

/**
 * A log file of bounded size: when it is full it becomes `<name>.1.log`, that one `<name>.2.log`, and the oldest is
 * removed. It is full at the end of the line that goes over `bytesMax`. A disk that refuses a write costs the lines, not the
 * process: nothing here throws.
 */
export class RotatingLog {
  readonly #file: string;
  readonly #bytesMax: number;
  readonly #filesMax: number;
  #descriptor: number | undefined;
  #bytes = 0;

  /** `file` ends with `.log`. */
  constructor(file: string, bytesMax: number = LOG_BYTES_MAX, filesMax: number = LOG_FILES_MAX) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#filesMax = filesMax;
  }

  write(chunk: Uint8Array): void {
    try {
      this.#descriptor ??= this.#open();
      const end = this.#cut(chunk);
      this.#append(this.#descriptor, chunk.subarray(0, end));
      if (end === undefined) return;
      this.#rotate();
      this.#descriptor = this.#open();
      this.#append(this.#descriptor, chunk.subarray(end));
    } catch {
      // The disk is full or the folder is gone: the next line may find room again.
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** Where a chunk is cut because the file is full: at the end of a line; anywhere, if no line ends for too long. */
  #cut(chunk: Uint8Array): number | undefined {
    const bytes = this.#bytes + chunk.length;
    if (bytes <= this.#bytesMax) return undefined;
    const lineEnd = chunk.lastIndexOf(NEWLINE) + 1;
    if (lineEnd > 0) return lineEnd;
    return bytes > 2 * this.#bytesMax ? chunk.length : undefined;
  }

  #append(descriptor: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes += writeSync(descriptor, bytes);
  }

  #open(): number {
    const descriptor = openSync(this.#file, 'a');
    this.#bytes = fstatSync(descriptor).size;
    return descriptor;
  }

  #rotate(): void {
    this.close();
    rmSync(this.#older(this.#filesMax - 1), { force: true });
    for (let age = this.#filesMax - 2; age >= 0; age -= 1) {
      if (existsSync(this.#older(age))) renameSync(this.#older(age), this.#older(age + 1));
    }
  }

  #older(age: number): string {
    return age === 0 ? this.#file : this.#file.replace(/\.log$/, `.${age}.log`);
  }
}
