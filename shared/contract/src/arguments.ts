import { z } from 'zod';
import { ARGUMENT_NESTING_MAX, ARGUMENT_NODES_MAX } from './limits.ts';
import { faultInValue } from './plain-value.ts';

const BOUNDS = { nestingMax: ARGUMENT_NESTING_MAX, nodesMax: ARGUMENT_NODES_MAX };

/**
 * The arguments of a tool call as a model wrote them: any JSON object that still fits into messages and questions
 * that carry it. Whether they fit the tool is decided later.
 */
export const Arguments = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'has to be an object',
    abort: true,
  })
  .superRefine((value, context) => {
    const fault = faultInValue(value, BOUNDS);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
