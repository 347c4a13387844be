export { parseArguments, toolOffer } from './tool-spec.ts';
export type { ParsedArguments, ToolSpec } from './tool-spec.ts';
export { toolSpecs } from './tool-specs.ts';
export type { ToolName } from './tool-specs.ts';
