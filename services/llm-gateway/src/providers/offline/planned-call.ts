/** A tool call to make, before it has an ID. */
export interface PlannedCall {
  name: string;
  arguments: Record<string, unknown>;
}
