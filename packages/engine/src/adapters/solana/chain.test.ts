import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startDevnet } from '@oee/devnet';
import { momentAfter, momentOf } from '../../domain/moment.ts';
import { toMint } from '../../domain/token.ts';
import { type ChainWorld, chainSuite } from '../../ports/chain.suite.ts';
import { accountOf, createMemoryChain } from '../memory/chain.ts';
import { vaultOf } from '../memory/pool.ts';
import { createMemorySigner } from '../memory/signer.ts';
import { createMemoryVenue } from '../memory/venue.ts';
import { generateSecretKey } from '../signers/ed25519-key.ts';
import { createKeypairSigner } from '../signers/keypair-signer.ts';
import { createHttpClient } from '../system/http-client.ts';
import { createPoolVenue } from '../venues/pool-venue.ts';
import { cpmmErrors } from '../venues/raydium/cpmm-errors.ts';
import { raydiumCpmm } from '../venues/raydium/raydium-cpmm.ts';
import { raydiumSwapInspector } from '../venues/raydium/raydium-swap.ts';
import { createAccountFeed } from './account-feed.ts';
import { createSolanaChain } from './chain.ts';
import { createTokenRegistry } from './token-registry.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

chainSuite('Solana, on the devnet', startSolanaWorld);
chainSuite('its twin in memory', startMemoryWorld);

async function startMemoryWorld(): Promise<ChainWorld> {
  const token = (symbol: string) => ({ mint: toMint(symbol), symbol, decimals: 6, tokenProgram: 'tokens' });
  const [tokenA, tokenB] = [token('USDC'), token('JUP')];
  const pool = { venue: 'memory', address: 'pool', tokenA, tokenB, feeBps: 30 };
  const twin = createMemoryChain({ pools: [pool], blocks: 'manual' });
  twin.setBalance(vaultOf(pool, tokenA), 10n ** 15n);
  twin.setBalance(vaultOf(pool, tokenB), 10n ** 15n);
  const signer = createMemorySigner('wallet');
  twin.setBalance(signer.address, 1_000_000_000n);
  twin.setBalance(accountOf(signer.address, tokenA), 1_000_000_000n);
  return {
    chain: twin.chain,
    venue: createMemoryVenue('memory', [pool], twin),
    signer,
    tokenIn: tokenA,
    tokenOut: tokenB,
    amountIn: 10_000_000n,
    async produceBlocks(count) {
      for (let produced = 0; produced < count; produced += 1) twin.produceBlock();
    },
    answerFor(genesisHash) {
      twin.faults.answersAs = genesisHash ?? twin.chain.identity.genesisHash;
    },
    stop: () => Promise.resolve(),
  };
}

async function startSolanaWorld(): Promise<ChainWorld> {
  const devnet = await startDevnet({ port: 0, slotMs: 'manual', market: 'none', seed: 'chain' });
  const signer = createKeypairSigner({ secretKey: generateSecretKey(), inspectors: [raydiumSwapInspector] });
  const naming = await startNamingProxy(devnet.url);
  const { genesisHash, wsUrl } = devnet;
  const nodes = [{ url: naming.url, wsUrl }];
  const chain = createSolanaChain({
    http: createHttpClient(),
    nodes,
    genesisHash,
    log,
    programErrors: [cpmmErrors],
  });
  const post = async (path: string, body: object) => {
    const response = await fetch(`${devnet.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  const produceBlocks = (blocks: number) => post('/admin/advance', { blocks });

  const { reader } = chain;
  const tokens = createTokenRegistry({ readers: [reader], log });
  // Nothing is kept between two quotes: time runs ahead of every snapshot.
  let now = momentOf(0);
  const clock = {
    moment() {
      now = momentAfter(now, 1_000);
      return now;
    },
  };
  // And no slot is announced to it: with such a clock each of 200 slots would begin a read of its own.
  const feed = createAccountFeed({ reader: chain.reader, onSlot: () => () => undefined, clock });
  const venue = createPoolVenue(raydiumCpmm, { reader, feed, tokens, clock, log });
  await venue.discover();
  const tokenIn = tokens.find('USDC')!;
  await post('/admin/fund', {
    owner: signer.address,
    lamports: '1000000000',
    tokens: [{ mint: tokenIn.mint, amount: '1000000000' }],
  });
  return {
    chain,
    venue,
    signer,
    tokenIn,
    tokenOut: tokens.find('JUP')!,
    amountIn: 10_000_000n,
    produceBlocks,
    answerFor: naming.answerFor,
    async stop() {
      feed.close();
      chain.close();
      naming.close();
      await devnet.stop();
    },
  };
}

/** In front of a node: everything passes, but for the genesis hash once another is named. */
async function startNamingProxy(nodeUrl: string) {
  let named: string | null = null;
  const server = createServer(async (request, response) => {
    const asked = await text(request);
    const headers = { 'content-type': 'application/json' };
    const answered = await (await fetch(nodeUrl, { method: 'POST', headers, body: asked })).text();
    const methods = new Map([JSON.parse(asked)].flat().map(({ id, method }) => [id, method]));
    if (named === null) return response.writeHead(200, headers).end(answered);
    const isBatch = answered.startsWith('[');
    const entries = [JSON.parse(answered)].flat().map((one) => ({
      ...one,
      ...(methods.get(one.id) === 'getGenesisHash' && { result: named }),
    }));
    return response.writeHead(200, headers).end(JSON.stringify(isBatch ? entries : entries[0]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerFor(genesisHash: string | null): void {
      named = genesisHash;
    },
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
