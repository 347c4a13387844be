/** A name leads to something else than it did when it was opened. */
export class MovedError extends Error {
  constructor() {
    super('changed place while it was read');
    this.name = 'MovedError';
  }
}

/** Why a file or folder could not be read, as a phrase with the system's error code. */
export function reasonOf(error: unknown): string {
  if (error instanceof MovedError) return error.message;
  const code = codeOf(error);
  return code === undefined ? 'could not be read' : `could not be read (${code})`;
}

/** The system's code of a file error, for example "ENOENT". */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
