import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../../../test/support/requires.ts';
import { type LocalChain, load, SOL, startLocalChain, USDC } from './local-chain.ts';
import type { Wallet } from './wallet.ts';

const PROGRAM = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';
/** Offsets in a pool's account: raydium-io/raydium-cp-swap (Apache-2.0), programs/cp-swap/src/states/pool.rs. */
const AT = {
  config: 8,
  vault0: 72,
  vault1: 104,
  mint0: 168,
  mint1: 200,
  observation: 296,
  owed0: 341,
  owed1: 349,
};
const POOL_BYTES = 637;
const TRADE_FEE_RATE_AT = 12;
const RATE_UNIT = 1_000_000n;

/** What its `emit!` writes into the log, in the form in which Anchor describes it. */
const SWAP_EVENT = [
  { name: 'pool_id', type: 'pubkey' },
  { name: 'input_vault_before', type: 'u64' },
  { name: 'output_vault_before', type: 'u64' },
  { name: 'input_amount', type: 'u64' },
  { name: 'output_amount', type: 'u64' },
  { name: 'input_transfer_fee', type: 'u64' },
  { name: 'output_transfer_fee', type: 'u64' },
  { name: 'base_input', type: 'bool' },
  { name: 'input_mint', type: 'pubkey' },
  { name: 'output_mint', type: 'pubkey' },
  { name: 'trade_fee', type: 'u64' },
  { name: 'creator_fee', type: 'u64' },
  { name: 'creator_fee_on_input', type: 'bool' },
];

/**
 * Raydium's own client is under the GPL and not used. This sends what a client of its program sends by the program's
 * public sources: it finds the pool by its tokens, reads what a quote takes, and swaps.
 */
describeWith({ needs: 'SDKs' })('a client of Raydium CPMM', () => {
  const web3 = load('@solana/web3.js');
  const anchor = load('@coral-xyz/anchor');
  const spl = load('@solana/spl-token');

  let chain: LocalChain;
  let wallet: Wallet;
  beforeAll(async () => {
    chain = await startLocalChain({ slotMs: 'manual' });
    const { Wallet } = await import('./wallet.ts');
    wallet = new Wallet(chain);
    await chain.fund(wallet.address);
  });
  afterAll(() => chain?.stop());

  const program = new web3.PublicKey(PROGRAM);
  const keyAt = (data: Buffer, at: number) => new web3.PublicKey(data.subarray(at, at + 32));

  async function findPool() {
    const mint = (offset: number, bytes: string) => ({ memcmp: { offset, bytes } });
    const filters = [{ dataSize: POOL_BYTES }, mint(AT.mint0, SOL), mint(AT.mint1, USDC)];
    const [found] = await wallet.connection.getProgramAccounts(program, { filters });
    const { data } = found.account;
    const [vault0, vault1, config] = [AT.vault0, AT.vault1, AT.config].map((at) => keyAt(data, at));
    const accounts = await wallet.connection.getMultipleAccountsInfo([vault0, vault1, config]);
    const held = (vault: { data: Buffer }) => vault.data.readBigUInt64LE(64);
    const owed = (at: number): bigint => data.readBigUInt64LE(at) + data.readBigUInt64LE(at + 16);
    return {
      address: found.pubkey,
      config,
      vaults: [vault0, vault1],
      observation: keyAt(data, AT.observation),
      sol: held(accounts[0]) - owed(AT.owed0),
      usdc: held(accounts[1]) - owed(AT.owed1),
      feeRate: accounts[2].data.readBigUInt64LE(TRADE_FEE_RATE_AT) as bigint,
    };
  }

  type Pool = Awaited<ReturnType<typeof findPool>>;

  /** USDC into SOL, in whole. */
  function quote({ sol, usdc, feeRate }: Pool, amountIn: bigint): bigint {
    const fee = (amountIn * feeRate + RATE_UNIT - 1n) / RATE_UNIT;
    const traded = amountIn - fee;
    return (traded * sol) / (usdc + traded);
  }

  function swap(pool: Pool, amountIn: bigint, minAmountOut: bigint) {
    const owner = wallet.keypair.publicKey;
    const [sol, usdc] = [SOL, USDC].map((mint) => new web3.PublicKey(mint));
    const [mine, other] = [sol, usdc].map((mint) => spl.getAssociatedTokenAddressSync(mint, owner));
    const [authority] = web3.PublicKey.findProgramAddressSync(
      [Buffer.from('vault_and_lp_mint_auth_seed')],
      program,
    );
    const data = Buffer.alloc(24);
    Buffer.from('8fbe5adac41e33de', 'hex').copy(data);
    data.writeBigUInt64LE(amountIn, 8);
    data.writeBigUInt64LE(minAmountOut, 16);
    const role = (pubkey: unknown, isWritable = false, isSigner = false) => ({
      pubkey,
      isSigner,
      isWritable,
    });
    const keys = [
      role(owner, false, true),
      role(authority),
      role(pool.config),
      role(pool.address, true),
      role(other, true),
      role(mine, true),
      role(pool.vaults[1], true),
      role(pool.vaults[0], true),
      role(spl.TOKEN_PROGRAM_ID),
      role(spl.TOKEN_PROGRAM_ID),
      role(usdc),
      role(sol),
      role(pool.observation, true),
    ];
    return new web3.Transaction().add(
      spl.createAssociatedTokenAccountIdempotentInstruction(owner, mine, owner, sol),
      new web3.TransactionInstruction({ programId: program, keys, data }),
      spl.createCloseAccountInstruction(mine, owner, owner),
    );
  }

  test('finds and quotes the pool, gets the quoted amount, and reads the event with Anchor', async () => {
    const idl = {
      address: PROGRAM,
      metadata: { name: 'raydium_cp_swap', version: '0.1.0', spec: '0.1.0' },
      instructions: [],
      events: [{ name: 'SwapEvent', discriminator: [0x40, 0xc6, 0xcd, 0xe8, 0x26, 0x08, 0x71, 0xe2] }],
      types: [{ name: 'SwapEvent', type: { kind: 'struct', fields: SWAP_EVENT } }],
    };
    const provider = new anchor.AnchorProvider(wallet.connection, new anchor.Wallet(wallet.keypair), {});
    // biome-ignore lint/suspicious/noExplicitAny: an event has the fields that the description gives it
    const heard: any[] = [];
    const client = new anchor.Program(idl, provider);
    const listener = client.addEventListener('swapEvent', (event: unknown) => heard.push(event));
    const pool = await findPool();
    expect(chain.pools.map(({ address }) => address)).toContain(pool.address.toBase58());
    const amountOut = quote(pool, 25_000_000n);
    const landed = await wallet.land(swap(pool, 25_000_000n, amountOut));
    expect(landed.meta.err).toBeNull();
    expect(wallet.change(landed, USDC)).toBe(-25_000_000n);
    expect(wallet.change(landed, SOL)).toBe(amountOut);
    await vi.waitUntil(() => heard.length > 0, 10_000);
    expect(heard).toHaveLength(1);
    expect(heard[0].poolId.toBase58()).toBe(pool.address.toBase58());
    expect([String(heard[0].inputAmount), String(heard[0].outputAmount)]).toEqual([
      '25000000',
      String(amountOut),
    ]);
    await client.removeEventListener(listener);
  });

  test("gets the program's error message when the price has moved", async () => {
    const pool = await findPool();
    const refused = wallet.land(swap(pool, 25_000_000n, quote(pool, 25_000_000n) + 1n));
    await expect(refused).rejects.toThrow('custom program error: 0x1775');
  });
});
