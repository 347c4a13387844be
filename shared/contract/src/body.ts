import { z } from 'zod';

/** The part of a message that its conversation defines: the type and its body. The envelope is added around it. */
export function body<const Type extends string, Body extends z.ZodType>(type: Type, schema: Body) {
  return z.object({ type: z.literal(type), body: schema });
}
