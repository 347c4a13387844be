import { z } from 'zod';

const { core } = z;
type Accepts = (value: unknown) => boolean;

/**
 * A test that is true only for values that `schema` takes and gives back as they are: nothing to strip, to fill in or
 * to change. False says nothing: the schema has to be asked. What this does not know (a transformation, a lazy schema,
 * most string formats) is false.
 *
 * It is written as source text and compiled, as zod compiles its own object parsers, from nothing but the schema: a
 * parse by zod makes an object for each field of each message, and was a fifth of what a role's process costs.
 */
export function compile(schema: z.core.$ZodType): Accepts {
  const program = new Program();
  const root = program.call(schema, 'value');
  const text = `"use strict"; ${program.functions.join('\n')}\nreturn (value) => ${root};`;
  const accepts: unknown = Reflect.apply(Reflect.construct(Function, ['c', text]), undefined, [program.constants]);
  return isTest(accepts) ? accepts : () => false;
}

/** What was compiled just now takes a value and returns a truth value. */
const isTest = (accepts: unknown): accepts is Accepts => typeof accepts === 'function';

const NEVER = 'false';

/** Expressions over a variable that are true for what a schema takes. */
class Program {
  readonly constants: unknown[] = [];
  readonly functions: string[] = [];
  readonly #names = new Map<z.core.$ZodType, string>();

  /** What cannot be said in the text itself. */
  #constant(value: unknown): string {
    if (['string', 'boolean'].includes(typeof value) || Number.isSafeInteger(value)) return JSON.stringify(value);
    return `c[${this.constants.push(value) - 1}]`;
  }

  call(schema: z.core.$ZodType, value: string): string {
    const given = schema._zod.def.checks ?? [];
    // Elsewhere a check may meet a value that it does not apply to.
    const isMeasured = [core.$ZodString, core.$ZodNumber, core.$ZodArray].some((kind) => schema instanceof kind);
    if (!isMeasured && given.some((check) => check._zod.def.check !== 'custom')) return NEVER;
    const checks = given.map((check) => this.#check(check, value));
    return [this.#leaf(schema, value) ?? this.#composite(schema, value), ...checks].join(' && ');
  }

  #leaf(schema: z.core.$ZodType, v: string): string | undefined {
    if (schema instanceof core.$ZodUUID) return `typeof ${v} === "string" && ${this.#matches(schema._zod.def, v)}`;
    if (schema instanceof core.$ZodStringFormat) return NEVER;
    if (schema instanceof core.$ZodString) return `typeof ${v} === "string"`;
    if (schema instanceof core.$ZodNumberFormat)
      return schema._zod.def.format === 'safeint' ? `Number.isSafeInteger(${v})` : NEVER;
    if (schema instanceof core.$ZodNumber) return `Number.isFinite(${v})`;
    if (schema instanceof core.$ZodBoolean) return `typeof ${v} === "boolean"`;
    if (schema instanceof core.$ZodLiteral) return this.#oneOf(schema._zod.def.values, v);
    if (schema instanceof core.$ZodEnum) return this.#oneOf([...schema._zod.values], v);
    if (schema instanceof core.$ZodUnknown) return 'true';
    if (schema instanceof core.$ZodCustom) return `${this.#constant(schema._zod.def.fn)}(${v}) === true`;
    return undefined;
  }

  #composite(schema: z.core.$ZodType, v: string): string {
    if (schema instanceof core.$ZodExactOptional || schema instanceof core.$ZodCodec) return NEVER;
    if (schema instanceof core.$ZodOptional) {
      const some = `${v} !== undefined && ${this.call(schema._zod.def.innerType, v)}`;
      return mayBeMissing(schema) ? `(${v} === undefined || ${some})` : `(${some})`;
    }
    if (schema instanceof core.$ZodNullable) return `(${v} === null || ${this.call(schema._zod.def.innerType, v)})`;
    if (schema instanceof core.$ZodDefault) return `(${v} !== undefined && ${this.call(schema._zod.def.innerType, v)})`;
    if (schema instanceof core.$ZodPipe)
      return `${this.call(schema._zod.def.in, v)} && ${this.call(schema._zod.def.out, v)}`;
    const body = this.#bodyOf(schema);
    return body === undefined ? NEVER : `${this.#named(schema, body)}(${v})`;
  }

  #bodyOf(schema: z.core.$ZodType): (() => string) | undefined {
    if (schema instanceof core.$ZodObject) return () => this.#object(schema._zod.def);
    if (schema instanceof core.$ZodArray) return () => this.#array(schema._zod.def);
    if (schema instanceof core.$ZodTuple) return () => this.#tuple(schema._zod.def);
    if (schema instanceof core.$ZodDiscriminatedUnion) return () => this.#discriminated(schema._zod.def);
    return undefined;
  }

  /** One function per schema, however often it is used. */
  #named(schema: z.core.$ZodType, body: () => string): string {
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    const name = `f${this.#names.size}`;
    this.#names.set(schema, name);
    this.functions.push(`function ${name}(v) { ${body()} }`);
    return name;
  }

  /** Only plain objects without other keys: those the schema would take out. */
  #object({ shape, catchall }: z.core.$ZodObjectDef): string {
    // A key that every object has could be taken for one of its own.
    if (catchall !== undefined || Object.keys(shape).some((key) => key in Object.prototype)) return 'return false;';
    const fields = Object.entries(shape).map(([key, field], index) => {
      const [name, v] = [JSON.stringify(key), `v${index}`];
      const none = mayBeMissing(field) ? `if (Object.hasOwn(v, ${name})) n -= 1;` : 'return false;';
      return `const ${v} = v[${name}]; if (${v} === undefined) { ${none} } else if (${this.call(field, v)}) n -= 1; else return false;`;
    });
    return [
      'if (typeof v !== "object" || v === null || Object.getPrototypeOf(v) !== Object.prototype) return false;',
      'let n = 0; for (const _ in v) n += 1;',
      ...fields,
      'return n === 0;',
    ].join('\n');
  }

  #array({ element }: z.core.$ZodArrayDef): string {
    return `if (!Array.isArray(v)) return false; for (const e of v) if (!(${this.call(element, 'e')})) return false; return true;`;
  }

  #tuple({ items, rest }: z.core.$ZodTupleDef): string {
    if (rest !== null) return 'return false;';
    const parts = items.map((item, index) => `if (!(${this.call(item, `v[${index}]`)})) return false;`);
    return `if (!Array.isArray(v) || v.length !== ${items.length}) return false; ${parts.join(' ')} return true;`;
  }

  #discriminated({ options, discriminator }: z.core.$ZodDiscriminatedUnionDef): string {
    const cases = options.flatMap((option) =>
      [...(option._zod.propValues?.[discriminator] ?? [])].map(
        (value) => `case ${this.#constant(value)}: return ${this.call(option, 'v')};`,
      ),
    );
    const kind = `v[${JSON.stringify(discriminator)}]`;
    return `if (typeof v !== "object" || v === null) return false; switch (${kind}) { ${cases.join(' ')} default: return false; }`;
  }

  #check(check: z.core.$ZodCheck<never>, v: string): string {
    if (check instanceof core.$ZodCheckMinLength) return `${v}.length >= ${check._zod.def.minimum}`;
    if (check instanceof core.$ZodCheckMaxLength) return `${v}.length <= ${check._zod.def.maximum}`;
    if (check instanceof core.$ZodCheckGreaterThan) return limited('>', check._zod.def, v);
    if (check instanceof core.$ZodCheckLessThan) return limited('<', check._zod.def, v);
    if (check instanceof core.$ZodCheckRegex) return this.#matches(check._zod.def, v);
    if (check._zod.def.check === 'custom') return `${this.#constant(custom(check))}(${v})`;
    return NEVER;
  }

  #oneOf(values: readonly unknown[], v: string): string {
    return `(${values.map((value) => `${v} === ${this.#constant(value)}`).join(' || ')})`;
  }

  /** A pattern with a state would judge the same text differently each time. */
  #matches({ pattern }: { pattern?: RegExp | undefined }, v: string): string {
    if (pattern === undefined || pattern.global || pattern.sticky) return NEVER;
    return `${this.#constant(pattern)}.test(${v})`;
  }
}

/** Nothing there stays nothing: not where a value for nothing is filled in, nor where nothing has to be left out. */
const mayBeMissing = (schema: z.core.$ZodType): boolean =>
  schema instanceof core.$ZodOptional &&
  !(schema instanceof core.$ZodExactOptional) &&
  schema._zod.def.innerType._zod.optin === undefined;

function limited(sign: '>' | '<', { value, inclusive }: { value: unknown; inclusive: boolean }, v: string): string {
  return typeof value === 'number' ? `${v} ${sign}${inclusive ? '=' : ''} ${value}` : NEVER;
}

function custom({ _zod: { check } }: z.core.$ZodCheck<never>): Accepts {
  return (value) => {
    const payload: z.core.ParsePayload = { value, issues: [] };
    const result: unknown = Reflect.apply(check, undefined, [payload]);
    return !(result instanceof Promise) && payload.issues.length === 0 && payload.value === value;
  };
}
