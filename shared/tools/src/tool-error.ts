const MESSAGE_CHARS_MAX = 1_000;

interface ToolErrorOptions extends ErrorOptions {
  /** The tool says that it has changed nothing yet. Only a tool with an effect has to say so. */
  beforeEffect?: boolean;
}

/** A tool's refusal that the model should read and can act on. Any other error out of a tool is a fault of the system. */
export class ToolError extends Error {
  /** Nothing has happened for sure. When false, a tool with an effect may have had it: the outcome is unknown. */
  readonly beforeEffect: boolean;

  constructor(message: string, { beforeEffect = false, ...options }: ToolErrorOptions = {}) {
    super(bounded(message), options);
    this.name = 'ToolError';
    this.beforeEffect = beforeEffect;
  }
}

/** Messages quote what models wrote: half a character, theirs or one that was cut here, is no text that can be sent. */
function bounded(message: string): string {
  const cut = message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX - 1)}…` : message;
  return cut.toWellFormed();
}
