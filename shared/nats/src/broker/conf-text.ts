/** A string in nats-server's configuration language. */
export const text = (value: string): string => JSON.stringify(value);

export const list = (items: readonly string[]): string =>
  `[\n${items.map((item) => `      ${item}`).join(',\n')}\n    ]`;

/** What a user may publish and subscribe to; everything else is refused with an error. */
export function permissions(publish: readonly string[], subscribe: readonly string[]): string {
  const allow = (subjects: readonly string[]) => `{ allow: [${subjects.map(text).join(', ')}] }`;
  return `{ publish: ${allow(publish)}, subscribe: ${allow(subscribe)} }`;
}

/** `as`: under which subject it is asked for, if not the same. */
export const serviceImport = (account: string, subject: string, as?: string): string =>
  `{ service: { account: ${account}, subject: ${text(subject)} }${as === undefined ? '' : `, to: ${text(as)}`} }`;

export const streamImport = (account: string, subject: string): string =>
  `{ stream: { account: ${account}, subject: ${text(subject)} } }`;
