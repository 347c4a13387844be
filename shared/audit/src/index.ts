// The audit of a run: see README.md.
export {};
