/** What a service says with a failure, over HTTP or in a stream. */
export interface Told {
  message: string;
  code?: unknown;
  param?: unknown;
  status?: number | undefined;
}
