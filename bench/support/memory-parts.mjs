// An in-process chain that decides at once, with venues, tokens and signer: the parts of an engine that no benchmark
// measures.
import { load } from './built.mjs';

const { accountOf, createMemoryChain } = await load('adapters/memory/chain.js');
const { vaultOf } = await load('adapters/memory/pool.js');
const { createMemorySigner } = await load('adapters/memory/signer.js');
const { createMemoryTokenRegistry } = await load('adapters/memory/token-registry.js');
const { createMemoryVenue } = await load('adapters/memory/venue.js');

const WALLET = 'wallet';
const SOL = {
  mint: 'So11111111111111111111111111111111111111112',
  symbol: 'SOL',
  decimals: 9,
  tokenProgram: 'tokens',
};
const USDC = { mint: 'Usdc', symbol: 'USDC', decimals: 6, tokenProgram: 'tokens' };
const pools = [
  { venue: 'raydium', address: 'ray', tokenA: SOL, tokenB: USDC, feeBps: 25 },
  { venue: 'meteora', address: 'met', tokenA: SOL, tokenB: USDC, feeBps: 20 },
];

/** Chain, venues, tokens and signer of an engine. */
export function createMemoryParts() {
  // Every send produces a block, so the usual 150 would pass in an instant.
  const chain = createMemoryChain({
    pools,
    blocks: 'onSend',
    confirmAfterSlots: 0,
    blockhashBlocks: 1_000_000,
    keepLanded: 10_000, // Bounded, so that growing memory is the engine's.
  });
  chain.setBalance(accountOf(WALLET, SOL), 10n ** 18n);
  for (const pool of pools) {
    chain.setBalance(vaultOf(pool, SOL), 10n ** 17n);
    chain.setBalance(vaultOf(pool, USDC), 15n * 10n ** 15n);
  }
  return {
    chain: chain.chain,
    venues: ['raydium', 'meteora'].map((name) => createMemoryVenue(name, pools, chain)),
    tokens: createMemoryTokenRegistry([SOL, USDC]),
    signer: createMemorySigner(WALLET),
  };
}
