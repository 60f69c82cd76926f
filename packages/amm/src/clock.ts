/** The chain's time, read from its clock sysvar. Never the local clock: fees and openings depend on it. */
export interface SysvarClock {
  readonly slot: bigint;
  /** Seconds since 1970, by the chain's clock. */
  readonly unixTimestamp: bigint;
}

/** The unit of a pool's points of time. */
export type PointKind = 'slot' | 'timestamp';

export function pointAt(clock: SysvarClock, kind: PointKind): bigint {
  return kind === 'slot' ? clock.slot : clock.unixTimestamp;
}
