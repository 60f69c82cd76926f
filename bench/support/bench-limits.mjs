// The limits of an engine without settings, except those by an order's value: no order becomes strict by its size, and
// no benchmark measures the sweeping of dust.
import { load } from './built.mjs';

const { readConfig } = await load('config/config.js');
const { limitsOf } = await load('main/limits-of.js');

export const BENCH_LIMITS = { ...limitsOf(readConfig({})), sweepDustLamports: 0n, strictFromLamports: 0n };
