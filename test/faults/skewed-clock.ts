// Loaded before a role's own code (`node --import`): its clock is off by TROUPE_FAULTS_CLOCK_MS. Tests only.
const offMs = Number(process.env['TROUPE_FAULTS_CLOCK_MS'] ?? '0');
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RealDate.now() + offMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + offMs;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
