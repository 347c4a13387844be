/** The documents folder cannot be used at all. The message is for the person who runs the system and says what to do. */
export class CorpusError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CorpusError';
  }
}

/** Why a documents folder cannot be used and what to do about it; `code` is the system's error code. */
export function explainFolder(folder: string, code: string | undefined): string {
  const remedy = 'point the setting for the documents folder at one that exists';
  if (code === 'ENOENT') return `The documents folder "${folder}" does not exist: create it, or ${remedy}.`;
  if (code === 'ENOTDIR') return `"${folder}" is not a folder: ${remedy}.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `The documents folder "${folder}" cannot be read: give this process permission to read and enter it.`;
  }
  return `The documents folder "${folder}" cannot be read (${code ?? 'unknown error'}): ${remedy}.`;
}
