export { SCENARIO_NAMES } from './faults/scenarios.ts';
export { createGenesis, type DevnetPool, type DevnetToken, type MarketMood } from './genesis.ts';
export { type Devnet, type DevnetOptions, startDevnet } from './start-devnet.ts';
