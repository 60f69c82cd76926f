// The swaps of the bare sender: the benchmark's order through the devnet's pools, quoted and assembled with the engine's
// libraries as they are in one process without anything around them. Pools and blockhash are read once per slot.
import { randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { load, loadPackage } from './built.mjs';

const { encodeBase58 } = await loadPackage('amm');
const { generateSecretKey, readSecretKey } = await load('adapters/signers/ed25519-key.js');
const { createAccountFeed } = await load('adapters/solana/account-feed.js');
const { createSolanaChain } = await load('adapters/solana/chain.js');
const { readGenesisHash } = await load('adapters/solana/rpc.js');
const { createTokenRegistry } = await load('adapters/solana/token-registry.js');
const { systemClock: clock } = await load('adapters/system/clock.js');
const { createHttpClient } = await load('adapters/system/http-client.js');
const { readConfig } = await load('config/config.js');
const { lowestOutput } = await load('domain/basis-points.js');
const { poolLeg } = await load('domain/pool-leg.js');
const { quotePool } = await load('domain/quote-pool.js');
const { computeUnitPrice, contendedAccounts } = await load('execution/building/compute-unit-price.js');
const { computeUnitLimitOf } = await load('execution/building/compute-units.js');
const { createMarketWatch } = await load('execution/market/market-watch.js');
const { createTrySwap } = await load('main/create-try-swap.js');
const { fundDevnetWallet } = await load('main/devnet-admin.js');
const { limitsOf } = await load('main/limits-of.js');
const { createPoolVenues } = await load('main/pool-venues.js');
const { WRAP_SEED_CHARACTERS } = await load('ports/chain-limits.js');
const { createLogger } = await load('telemetry/logger.js');

const log = createLogger('error');
const limits = limitsOf(readConfig({}));

/** @param order Symbols `tokenIn` and `tokenOut`, `amountIn` in base units, `slippageBps`. */
export async function openBareSwaps({ url, slotMs, order }) {
  const http = createHttpClient();
  const genesisHash = await readGenesisHash({ http, name: 'devnet', url, timeoutMs: 5_000 });
  const nodes = [{ url, wsUrl: url.replace('http', 'ws') }];
  const chain = createSolanaChain({ http, nodes, genesisHash, log });
  const { privateKey, publicKey } = readSecretKey(generateSecretKey());
  const payer = encodeBase58(publicKey);
  await fundDevnetWallet(url, payer, log);
  const feed = createAccountFeed({ reader: chain.reader, onSlot: chain.onSlot, clock, maxAgeMs: slotMs });
  const tokens = createTokenRegistry({ readers: [chain.reader], log });
  const trySwap = createTrySwap(chain, payer);
  const venues = createPoolVenues({ reader: chain.reader, feed, tokens, clock, log, trySwap });
  for (const venue of venues) await venue.discover();
  const [tokenIn, tokenOut] = [order.tokenIn, order.tokenOut].map((symbol) => tokenOf(venues, symbol));
  const { amountIn, slippageBps } = order;
  const watch = createMarketWatch({ chain, clock, limits });
  const computeUnits = new Map();
  const slots = new EventTarget();
  let market;
  let isReading = false;
  chain.onSlot(async () => {
    slots.dispatchEvent(new Event('slot'));
    if (isReading) return;
    isReading = true;
    market = await readMarket().catch(() => market); // The next slot has another one.
    isReading = false;
  });
  while (!market) await once(slots, 'slot');

  async function readMarket() {
    const signal = AbortSignal.timeout(1_000);
    const [{ blockhash }, ...shown] = await Promise.all([
      chain.anyNode.latestBlockhash(),
      ...venues.map((venue) => venue.market(signal)),
    ]);
    const offering = shown.flatMap((one) =>
      (one?.pools ?? []).flatMap((pool) => {
        const inputIndex = pool.tokens.findIndex(({ mint }) => mint === tokenIn.mint);
        const trades = inputIndex >= 0 && pool.tokens[1 - inputIndex].mint === tokenOut.mint;
        return trades ? [{ pool, inputIndex, clock: one.clock }] : [];
      }),
    );
    return { blockhash, offering, prices: new Map() };
  }

  function bestLeg() {
    const request = { swapMode: 'exactIn', amount: amountIn };
    let best;
    for (const { pool, inputIndex, clock: at } of market.offering) {
      const answer = quotePool(pool, request, { inputIndex, clock: at });
      if (answer.outcome === 'refused' || answer.quote.amountOut <= (best?.quote.amountOut ?? 0n)) continue;
      best = { pool, inputIndex, quote: answer.quote };
    }
    return poolLeg(best.pool, best.inputIndex, best.quote);
  }

  /** The engine rehearses each swap that it does not know. This asks once per pool what its swap computes. */
  function computeUnitsOf(pool, parts) {
    const rehearse = async () => {
      const message = chain.compile({ ...parts, computeUnitLimit: computeUnitLimitOf(limits) });
      const answer = await chain.anyNode.simulate(message);
      if (answer.outcome === 'failed') throw new Error(answer.error.text);
      return computeUnitLimitOf(limits, answer.computeUnits);
    };
    if (!computeUnits.has(pool)) computeUnits.set(pool, rehearse());
    return computeUnits.get(pool);
  }

  /** As the engine offers it, asked once per pool and slot. */
  function priceOf(pool, instructions, own) {
    const { prices } = market;
    const ask = () =>
      computeUnitPrice({ chain, clock, limits, market: watch }, contendedAccounts(instructions, own));
    if (!prices.has(pool)) prices.set(pool, ask());
    return prices.get(pool);
  }

  return {
    onSlot: (listener) => slots.addEventListener('slot', listener),
    /** A signed swap of the order at the pools' newest prices: its signature, and its bytes in base64. */
    async next() {
      const leg = bestLeg();
      const { blockhash } = market;
      const orderId = randomUUID();
      const wrapSeed = orderId.slice(-WRAP_SEED_CHARACTERS);
      const frame = await chain.swapFrame({ payer, tokenIn, tokenOut, amountIn, wrapSeed });
      const { tokenAccountIn, tokenAccountOut } = frame;
      const amounts = { swapMode: 'exactIn', amountIn, amountOut: lowestOutput(leg.amountOut, slippageBps) };
      const venue = venues.find(({ name }) => name === leg.venue);
      const swap = venue.swapInstructions({ leg, payer, tokenAccountIn, tokenAccountOut, ...amounts });
      const instructions = [...frame.before, ...swap.instructions, ...frame.after];
      const own = new Set([payer, ...frame.tokenAccounts.values()]);
      const computeUnitPriceMicroLamports = await priceOf(leg.pool, swap.instructions, own);
      const { lookupTables } = swap;
      const memo = `${orderId}/1`;
      const parts = { payer, instructions, lookupTables, blockhash, memo, computeUnitPriceMicroLamports };
      const message = chain.compile({ ...parts, computeUnitLimit: await computeUnitsOf(leg.pool, parts) });
      const signature = sign(null, message, privateKey);
      const bytes = Buffer.concat([Uint8Array.of(1), signature, message]);
      return { signature: encodeBase58(signature), wire: bytes.toString('base64') };
    },
  };
}

function tokenOf(venues, symbol) {
  const tokens = venues.flatMap((venue) => venue.pools().flatMap(({ tokenA, tokenB }) => [tokenA, tokenB]));
  return tokens.find((token) => token.symbol === symbol);
}
