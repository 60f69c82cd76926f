import { createRequire } from 'node:module';
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/index.ts';

/** The clients as their packages ship them, without a type between. */
export const load = createRequire(new URL('../../../../test/sdks/package.json', import.meta.url));

export const SOL = 'So11111111111111111111111111111111111111112';
export const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

export interface PoolListing {
  readonly address: string;
  readonly kind: string;
  readonly mint0: string;
  readonly mint1: string;
}

export interface LocalChain extends Pick<Devnet, 'url' | 'wsUrl' | 'stop'> {
  readonly pools: readonly PoolListing[];
  /** Gives a wallet a thousand SOL and as much as there is use for of every token. */
  fund(owner: string): Promise<void>;
  /** Lets blocks pass now. */
  advance(blocks: number): Promise<void>;
}

/** A devnet of this process with its pools and without traders. */
export async function startLocalChain(options: DevnetOptions = {}): Promise<LocalChain> {
  const devnet = await startDevnet({ port: 0, market: 'none', onWarning() {}, ...options });
  const market = await (await fetch(`${devnet.url}/admin/market`)).json();
  const { tokens, pools } = market as { tokens: { mint: string }[]; pools: PoolListing[] };
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(devnet.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${await response.text()}`);
  };
  return {
    ...devnet,
    pools,
    fund(owner) {
      const others = tokens.filter(({ mint }) => mint !== SOL);
      const held = others.map(({ mint }) => ({ mint, amount: '1000000000000' }));
      return post('/admin/fund', { owner, lamports: '1000000000000', tokens: held });
    },
    advance: (blocks) => post('/admin/advance', { blocks }),
  };
}
