const MESSAGE_CHARS_MAX = 1_000;

/** A tool's refusal that the model should read and can act on. Any other error out of a tool is a fault of the system. */
export class ToolError extends Error {
  constructor(message: string) {
    super(message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX - 1)}…` : message);
    this.name = 'ToolError';
  }
}
