import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

const MISTAKES_MAX = 5;

/** A file of more characters is not read. */
export const YAML_CHARS_MAX = 1_000_000;

type Path = readonly PropertyKey[];

/**
 * Reads YAML that has to be of a shape. Throws an Error that names, of the first five mistakes, file, line, path and what
 * is wrong: `models.yaml:14: models.gpt-5.5.context_tokens: must be a positive integer`. Aliases, which could unfold
 * without end, are refused.
 */
export function parseLocatedYaml<Schema extends z.ZodType>(
  schema: Schema,
  yaml: string,
  file: string,
): z.output<Schema> {
  if (yaml.length > YAML_CHARS_MAX) throw new Error(`${file} is longer than ${YAML_CHARS_MAX} characters`);
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw new Error(`${file}:${lines.linePos(broken.pos[0]).line}: is not YAML: ${broken.message}`);
  const parsed = schema.safeParse(plainValue(document, file));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap(placed).slice(0, MISTAKES_MAX);
  throw new Error(
    mistakes
      .map(({ path, message }) => {
        const { line } = lines.linePos(offsetOf(document.contents, path));
        return `${file}:${line}: ${path.map(String).join('.') || 'the file'}: ${message}`;
      })
      .join('; '),
  );
}

function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new Error(`${file}: aliases are not taken`, { cause: error });
  }
}

interface Mistake {
  path: Path;
  message: string;
}

/** An unknown key is a mistake at that key, not at the object around it. */
function placed(issue: z.core.$ZodIssue): Mistake[] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known' }))
    : [{ path: issue.path, message: issue.message }];
}

/** Where a path begins; of what is missing, where it would have to be. */
function offsetOf(contents: unknown, path: Path): number {
  let node = contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (isMap(item) || isSeq(item) || isScalar(item)) offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}
