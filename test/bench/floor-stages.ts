/** As many processes as the company has roles, so that the floor pays for the same separation. */
export const STAGES = 7;
export const FLOOR_BODY = new Uint8Array(600);

export const stageOf = (hop: number): string => `stage-${hop % STAGES}`;
export const stageSubject = (run: string | number, hop: number): string => `floor.${run}.${hop}.${stageOf(hop)}`;
