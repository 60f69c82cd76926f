import { toEpochMs } from '../../src/domain/timestamp.ts';

/** The time of day at which every world begins. */
export const EPOCH_MS = toEpochMs(1_750_000_000_000);
export const SLOT_MS = 400;
