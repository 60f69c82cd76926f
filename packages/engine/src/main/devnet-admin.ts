import { NATIVE_MINT } from '@oee/solana';
import type { Logger } from '../ports/logger.ts';

interface MarketToken {
  readonly mint: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly priceUsdMicros: string | number;
}

const SOL_LAMPORTS = 10_000n * 1_000_000_000n;
const USD_MICROS_PER_TOKEN = 1_000_000n * 1_000_000n;

/** Fills a new wallet on the devnet: 10,000 SOL, and about 1,000,000 USD of every other token of the market. */
export async function fundDevnetWallet(devnetUrl: string, owner: string, log: Logger): Promise<void> {
  const market = (await request(`${devnetUrl}/admin/market`)) as { tokens: MarketToken[] };
  const tokens = market.tokens
    .filter(({ mint }) => mint !== NATIVE_MINT)
    .map(({ mint, decimals, priceUsdMicros }) => ({
      mint,
      amount: ((USD_MICROS_PER_TOKEN * 10n ** BigInt(decimals)) / BigInt(priceUsdMicros)).toString(),
    }));
  await request(`${devnetUrl}/admin/fund`, { owner, lamports: SOL_LAMPORTS.toString(), tokens });
  log.info({ owner, tokens: tokens.length }, 'devnet wallet funded');
}

/** Address lookup tables with the market's accounts; none on a ledger from before there were any. */
export async function readDevnetLookupTables(devnetUrl: string): Promise<readonly string[]> {
  const { lookupTables } = (await request(`${devnetUrl}/admin/market`)) as {
    lookupTables: readonly string[];
  };
  return lookupTables;
}

async function request(url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
