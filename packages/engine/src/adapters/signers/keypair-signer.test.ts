import { createPublicKey, verify } from 'node:crypto';
import { decodeBase58, encodeBase58 } from '@oee/amm';
import { createTokenAccountAddresses } from '@oee/solana';
import { type Address, createAddressWithSeed } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import { type SharedRoute, sharedRoute } from '../../../test/support/jupiter-route.ts';
import { toOrderId } from '../../domain/order.ts';
import type { SwapMode } from '../../domain/quote.ts';
import { type Mint, SOL_MINT, toMint } from '../../domain/token.ts';
import type { AccountUse, Instruction, LookupTable } from '../../ports/chain.ts';
import { PolicyRefused, type SigningPolicy } from '../../ports/signer.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  createWrappedSol,
  memo,
} from '../solana/instructions.ts';
import { compileMessage } from '../solana/message-encoder.ts';
import { jupiterSwapInspector } from '../venues/jupiter/jupiter-swap.ts';
import { meteoraSwapInspector, meteoraSwapInstruction } from '../venues/meteora/meteora-swap.ts';
import { ammV4SwapInspector, ammV4SwapInstruction } from '../venues/raydium/amm-v4-swap.ts';
import { clmmSwapInspector, clmmSwapInstruction } from '../venues/raydium/clmm-swap.ts';
import { raydiumSwapInspector, raydiumSwapInstruction } from '../venues/raydium/raydium-swap.ts';
import { generateSecretKey } from './ed25519-key.ts';
import { createKeypairSigner } from './keypair-signer.ts';

const USDC = toMint('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
const JUP = toMint('JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN');
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const secretKey = generateSecretKey();
const signer = createKeypairSigner({
  secretKey,
  inspectors: [raydiumSwapInspector, ammV4SwapInspector, clmmSwapInspector, meteoraSwapInspector],
});
const ME = signer.address;
const THIEF = encodeBase58(new Uint8Array(32).fill(7));
const addressOf = createTokenAccountAddresses();
const accountOf = (mint: Mint, owner = ME) => addressOf({ owner, mint, tokenProgram: TOKEN_PROGRAM });
const SEED = '01234';
const RENT = 2_039_280n;
const wrappedOf = (seed = SEED, owner = ME): Promise<string> =>
  createAddressWithSeed({
    baseAddress: owner as Address,
    programAddress: TOKEN_PROGRAM as Address,
    seed,
  });
/** Where a message has the token: SOL in the account that it makes itself. */
const ownOf = (mint: Mint) => (mint === SOL_MINT ? wrappedOf() : accountOf(mint));
const any = (seed: number) => encodeBase58(new Uint8Array(32).fill(seed));

const POLICY: SigningPolicy = {
  orderId: toOrderId('order'),
  mintIn: SOL_MINT,
  mintOut: USDC,
  maxAmountIn: 1_000_000n,
  minAmountOut: 170_000n,
};

const token = (mint: Mint) => ({
  mint,
  symbol: mint.slice(0, 4),
  decimals: 6,
  tokenProgram: TOKEN_PROGRAM,
});

interface SwapChange {
  readonly venue?: keyof typeof BUILDERS;
  readonly mintIn?: Mint;
  readonly mintOut?: Mint;
  readonly source?: string;
  readonly destination?: string;
  readonly payer?: string;
  readonly swapMode?: SwapMode;
  readonly amountIn?: bigint;
  readonly amountOut?: bigint;
}

const BUILDERS = {
  raydium: raydiumSwapInstruction,
  'raydium-amm-v4': ammV4SwapInstruction,
  'raydium-clmm': clmmSwapInstruction,
  meteora: meteoraSwapInstruction,
};

async function swap(change: SwapChange = {}): Promise<Instruction> {
  const { mintIn = SOL_MINT, mintOut = USDC, swapMode = 'exactIn' } = change;
  const addresses = {
    pool: any(21),
    ammConfig: any(22),
    observation: any(23),
    mints: [mintIn, mintOut],
    vaults: [any(24), any(25)],
    tokenPrograms: [TOKEN_PROGRAM, TOKEN_PROGRAM],
    hasRateLimiter: false,
    bitmapExtension: null,
    tickArrays: [{ startTick: 0, address: any(26) }],
  } as const;
  const amounts = { amountIn: change.amountIn ?? 1_000_000n, amountOut: change.amountOut ?? 170_000n };
  const leg = {
    venue: 'x',
    pool: addresses.pool,
    poolKind: 'x',
    tokenIn: token(mintIn),
    tokenOut: token(mintOut),
    ...amounts,
    fee: 0n,
    feeToken: token(mintIn),
    vaultIn: any(24),
    vaultOut: any(25),
  };
  const legSwap = {
    leg,
    payer: change.payer ?? ME,
    tokenAccountIn: change.source ?? (await ownOf(mintIn)),
    tokenAccountOut: change.destination ?? (await ownOf(mintOut)),
    swapMode,
    ...amounts,
  };
  return BUILDERS[change.venue ?? 'raydium'](addresses, legSwap);
}

const create = async (mint: Mint, owner = ME) =>
  createTokenAccountIdempotent({
    payer: ME,
    address: await accountOf(mint, owner),
    mint,
    tokenProgram: TOKEN_PROGRAM,
  });
/** Creates, initializes. */
const wrap = async (lamports: bigint, change: Partial<Parameters<typeof createWrappedSol>[1]> = {}) => {
  const { seed = SEED } = change;
  const address = await wrappedOf(seed);
  const tokenProgram = TOKEN_PROGRAM;
  return createWrappedSol(ME, { address, seed, lamports, mint: SOL_MINT, tokenProgram, ...change });
};
const unwrap = async (owner = ME, address?: string) =>
  closeTokenAccount(TOKEN_PROGRAM, { address: address ?? (await wrappedOf()), owner });

const isWrap = ({ accounts, data }: Instruction) => accounts.length === 2 && data.length === 97;
const WRAP = await wrap(1_000_000n + RENT);
const UNWRAP = await unwrap();

/** Around what wraps no SOL by itself, an account for it is made and closed. */
function compile(
  given: readonly Instruction[],
  change: { payer?: string; limit?: number; price?: bigint; lookupTables?: readonly LookupTable[] } = {},
) {
  const isWrapped = given.some(isWrap) || change.payer !== undefined;
  const instructions = isWrapped ? given : [...WRAP, ...given, UNWRAP];
  return compileMessage({
    payer: change.payer ?? ME,
    instructions,
    blockhash: any(99),
    computeUnitLimit: change.limit ?? 200_000,
    computeUnitPriceMicroLamports: change.price ?? 1_000n,
    memo: 'order 1',
    ...(change.lookupTables && { lookupTables: change.lookupTables }),
  });
}

const honest = async (change: SwapChange = {}) => [
  await create(USDC),
  ...(await wrap(1_000_000n + RENT)),
  await swap(change),
  await unwrap(),
];

describe('signs', () => {
  test.each(Object.keys(BUILDERS) as (keyof typeof BUILDERS)[])(
    "the order's own swap through %s",
    async (venue) => {
      for (const swapMode of ['exactIn', 'exactOut'] as const) {
        const message = compile(await honest({ venue, swapMode }));
        const signed = await signer.sign(message, POLICY);
        expect(signed.bytes[0]).toBe(1);
        expect(Buffer.from(signed.bytes.subarray(65)).equals(message)).toBe(true);
        expect(encodeBase58(signed.bytes.subarray(1, 65))).toBe(signed.signature);
        expect(verify(null, message, publicKeyOf(ME), signed.bytes.subarray(1, 65))).toBe(true);
      }
    },
  );

  test('the same message with the same signature', async () => {
    const message = compile(await honest());
    expect(await signer.sign(message, POLICY)).toEqual(await signer.sign(message, POLICY));
  });

  test("two legs whose limits together keep the order's limits", async () => {
    const half = { amountIn: 500_000n, amountOut: 85_000n };
    const legs = [await swap(half), await swap({ ...half, venue: 'meteora' })];
    await expect(signer.sign(compile(legs), POLICY)).resolves.toBeDefined();
  });

  test('a swap that unwraps SOL', async () => {
    const sale = { mintIn: USDC, mintOut: SOL_MINT };
    const message = compile([await create(USDC), ...(await wrap(RENT)), await swap(sale), await unwrap()]);
    await expect(signer.sign(message, { ...POLICY, ...sale })).resolves.toBeDefined();
  });
});

describe('a partial fill', () => {
  const policy = { ...POLICY, mayFillInPart: true } as const;
  const refusal = async (change: SwapChange) =>
    signer.sign(compile(await honest({ venue: 'meteora', swapMode: 'partialFill', ...change })), policy).then(
      () => 'signed',
      (error: Error) => error.message,
    );

  test('is signed for a part of the input when the minimum output is at least its share, rounded up', async () => {
    expect(await refusal({})).toBe('signed');
    expect(await refusal({ amountIn: 500_000n, amountOut: 85_000n })).toBe('signed');
    expect(await refusal({ amountIn: 500_001n, amountOut: 85_001n })).toBe('signed');
    expect(await refusal({ swapMode: 'exactIn', amountIn: 500_000n, amountOut: 85_000n })).toBe('signed');
  });

  test("is refused when the minimum output is below its share, or the input exceeds the order's", async () => {
    expect(await refusal({ amountIn: 500_000n, amountOut: 84_999n })).toContain('must arrive');
    expect(await refusal({ amountIn: 500_001n, amountOut: 85_000n })).toContain('must arrive');
    expect(await refusal({ amountIn: 1_000_001n, amountOut: 200_000n })).toContain('may leave');
  });
});

describe('a route over another token', () => {
  const policy = { ...POLICY, intermediateMints: [JUP] };
  const first = (amountOut = 300_000n) => swap({ mintOut: JUP, amountOut });
  const second = (amountIn = 300_000n) => swap({ mintIn: JUP, venue: 'meteora', amountIn });
  const refusal = async (...legs: Promise<Instruction>[]) =>
    signer.sign(compile(await Promise.all(legs)), policy).then(
      () => 'signed',
      (error: Error) => error.message,
    );

  test("is signed when the second swap spends the first swap's minimum output", async () => {
    expect(await refusal(create(JUP), first(), second())).toBe('signed');
    expect(await refusal(first(), second(100_000n), second(200_000n))).toBe('signed');
  });

  test('is refused when it spends more of the intermediate token, or spends it first', async () => {
    const problem = expect.stringContaining('more of an intermediate token');
    expect(await refusal(first(299_999n), second())).toEqual(problem);
    expect(await refusal(second(), first())).toEqual(problem);
    expect(await refusal(first(), second(), second())).toEqual(problem);
  });

  test('is refused when the order planned no such route, or when it does not end in the output token', async () => {
    const legs = compile([await first(), await second()]);
    await expect(signer.sign(legs, POLICY)).rejects.toThrow("between the order's tokens");
    expect(await refusal(first())).toContain('must arrive');
    expect(await refusal(swap(), swap({ mintIn: USDC, mintOut: JUP }))).toContain('leads backwards');
    await expect(signer.sign(legs, { ...POLICY, intermediateMints: [USDC] })).rejects.toThrow(
      'different ones',
    );
  });
});

describe('a swap whose instruction names no mints', () => {
  const refusal = async (change: SwapChange, policy = POLICY) =>
    signer.sign(compile([await swap({ venue: 'raydium-amm-v4', ...change })]), policy).then(
      () => 'signed',
      (error: Error) => error.message,
    );

  test("swaps the tokens of the wallet's accounts that it pays from and to", async () => {
    expect(await refusal({})).toBe('signed');
    const sale = { mintIn: USDC, mintOut: SOL_MINT };
    expect(await refusal(sale, { ...POLICY, ...sale })).toBe('signed');
    expect(await refusal(sale)).toContain('leads backwards');
  });

  test('is refused from or to any other account', async () => {
    expect(await refusal({ mintIn: JUP })).toContain('pays from another token account');
    expect(await refusal({ mintOut: JUP })).toContain("not the wallet's own");
    expect(await refusal({ destination: await accountOf(USDC, THIEF) })).toContain("not the wallet's own");
    expect(await refusal({ destination: await accountOf(SOL_MINT) })).toContain("not the wallet's own");
  });

  test('is held to the limits of the order', async () => {
    expect(await refusal({ amountIn: 1_000_001n })).toContain('may leave');
    expect(await refusal({ amountOut: 169_999n })).toContain('must arrive');
  });
});

describe("a route of Jupiter's program", () => {
  const jupiterSigner = createKeypairSigner({ secretKey, inspectors: [jupiterSwapInspector] });
  const route = async (change: Partial<SharedRoute> = {}) =>
    sharedRoute({
      wallet: ME,
      source: await wrappedOf(),
      destination: await accountOf(USDC),
      mintIn: SOL_MINT,
      mintOut: USDC,
      inAmount: 1_000_000n,
      quotedOut: 172_000n,
      slippageBps: 100,
      ...change,
    });
  const refusal = async (change: Partial<SharedRoute>) => {
    const message = compile([await create(USDC), await route(change)]);
    return jupiterSigner.sign(message, POLICY).then(
      () => 'signed',
      (error: Error) => error.message,
    );
  };

  test('is signed within the limits of the order', async () => {
    expect(await refusal({})).toBe('signed');
    expect(await refusal({ quotedOut: 171_718n })).toBe('signed'); // 170,000.82 must arrive.
  });

  test.each<[string, Partial<SharedRoute> | (() => Promise<Partial<SharedRoute>>), string]>([
    ['more input', { inAmount: 1_000_001n }, 'may leave'],
    ['a lower quote', { quotedOut: 171_717n }, 'must arrive'],
    ['more slippage', { slippageBps: 200 }, 'must arrive'],
    ['a fee of an integrator', { platformFeeBps: 1 }, 'known form'],
    ['a share of what is gained', { positiveSlippageBps: 1 }, 'known form'],
    ['another destination', async () => ({ destination: await accountOf(USDC, THIEF) }), "wallet's own"],
    ['another source', async () => ({ source: await accountOf(JUP) }), 'another token account'],
    ['another token', async () => ({ mintOut: JUP, destination: await accountOf(JUP) }), "order's tokens"],
    ['route_v2', { discriminator: 'bb64facc31c4af14' }, 'route_v2: it would lend'],
    ['shared_accounts_route', { discriminator: 'c1209b3341d69c81' }, 'shared_accounts_route: its amounts'],
    ['an unknown instruction', { discriminator: '0102030405060708' }, 'known form'],
  ])('is refused with %s', async (_, change, problem) => {
    expect(await refusal(typeof change === 'function' ? await change() : change)).toContain(problem);
  });
});

describe('lookup tables', () => {
  const TABLE = any(77);
  const readings: (readonly string[])[] = [];
  /** A signer whose own reading of the chain says that the table holds this. */
  const readingSigner = (addresses: readonly string[]) =>
    createKeypairSigner({
      secretKey,
      inspectors: [raydiumSwapInspector, meteoraSwapInspector],
      lookupTables: {
        async read(tables) {
          readings.push(tables);
          return tables.includes(TABLE) ? [{ address: TABLE, addresses }] : [];
        },
      },
    });
  const entries = [any(21), any(22), any(23), any(24), any(25)];
  /** Does not fit without the table. */
  const long = async (addresses: readonly string[] = entries) => {
    const lookupTables = [{ address: TABLE, addresses }];
    return compile([...(await honest()), memo('x'.repeat(430))], { lookupTables });
  };

  test('are resolved by the signer, and their accounts are checked like all others', async () => {
    const message = await long();
    await expect(readingSigner(entries).sign(message, POLICY)).resolves.toBeDefined();
    expect(readings.at(-1)).toEqual([TABLE]);
    await expect(readingSigner(entries.slice(0, 3)).sign(message, POLICY)).rejects.toThrow(
      'lacks the requested',
    );
  });

  test("never supply one of the wallet's accounts, whatever the message claims that they hold", async () => {
    const own = await accountOf(USDC);
    const message = await long([...entries, own]);
    await expect(readingSigner([...entries, own]).sign(message, POLICY)).rejects.toThrow(
      "an account of the wallet's comes from a lookup table",
    );
  });

  test('are refused when they are unknown, and by a signer without a table reader', async () => {
    const message = await long();
    const blind = createKeypairSigner({
      secretKey,
      inspectors: [raydiumSwapInspector],
      lookupTables: { read: async () => [] },
    });
    await expect(blind.sign(message, POLICY)).rejects.toThrow('could not be read');
    await expect(signer.sign(message, POLICY)).rejects.toThrow('uses address lookup tables');
  });
});

const SYSTEM = '11111111111111111111111111111111';

describe('refuses', () => {
  const custom = (programAddress: string, accounts: readonly AccountUse[], data: number[]): Instruction => ({
    programAddress,
    accounts,
    data: Uint8Array.from(data),
  });
  const me = (): AccountUse => ({ address: ME, signer: true, writable: true });
  const writable = (address: string): AccountUse => ({ address, signer: false, writable: true });

  const tampered: Record<string, [string, () => Promise<Uint8Array>]> = {
    'another payer': [
      'another wallet pays',
      async () => compile([await swap({ payer: THIEF })], { payer: THIEF }),
    ],
    'more input than allowed': ['may leave', async () => compile(await honest({ amountIn: 1_000_001n }))],
    'a weaker least output': ['must arrive', async () => compile(await honest({ amountOut: 169_999n }))],
    'a weaker least output at Meteora': [
      'must arrive',
      async () => compile(await honest({ venue: 'meteora', amountOut: 169_999n })),
    ],
    'more input at Meteora, exact out': [
      'may leave',
      async () => compile(await honest({ venue: 'meteora', swapMode: 'exactOut', amountIn: 1_000_001n })),
    ],
    'the same swap twice': ['may leave', async () => compile([await swap(), await swap()])],
    'no swap': ['swaps nothing', async () => compile([await create(USDC)])],
    'another output token': [
      "between the order's tokens",
      async () => compile([await swap({ mintOut: JUP })]),
    ],
    'another input token': ["between the order's tokens", async () => compile([await swap({ mintIn: JUP })])],
    'the swap the wrong way round': [
      'leads backwards',
      async () => compile([await swap({ mintIn: USDC, mintOut: SOL_MINT })]),
    ],
    'the wrong way round at Meteora': [
      'leads backwards',
      async () => compile([await swap({ venue: 'meteora', mintIn: USDC, mintOut: SOL_MINT })]),
    ],
    "somebody else's destination": [
      "not the wallet's own",
      async () => compile(await honest({ destination: await accountOf(USDC, THIEF) })),
    ],
    'another source': ['pays from another', async () => compile(await honest({ source: any(40) }))],
    'an unknown program': [
      'is not allowed',
      async () => compile([await swap(), custom(any(60), [me()], [1])]),
    ],
    'an unknown instruction of a venue': [
      'not a swap of a known form',
      async () => {
        const instruction = await swap();
        return compile([
          { ...instruction, data: Uint8Array.from(instruction.data, (byte, at) => (at ? byte : 0)) },
        ]);
      },
    ],
    'a partial fill of an order for the whole': [
      'may be filled in part',
      async () => compile(await honest({ venue: 'meteora', swapMode: 'partialFill' })),
    ],
    'a transfer of SOL to somebody': [
      'is not allowed',
      async () =>
        compile([
          custom(SYSTEM, [me(), writable(THIEF)], [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
          await swap(),
        ]),
    ],
    'more SOL wrapped than the order spends, and twice the rent': [
      'it wraps 5100001 lamports',
      async () => compile([...(await wrap(5_100_001n)), await swap(), await unwrap()]),
    ],
    "the wallet's own wrapped SOL spent": [
      'pays from another',
      async () => compile(await honest({ source: await accountOf(SOL_MINT) })),
    ],
    "the wallet's own wrapped SOL unwrapped": [
      'is not allowed',
      async () =>
        compile([...WRAP, await swap(), await unwrap(ME, await accountOf(SOL_MINT)), await unwrap()]),
    ],
    "the wallet's own wrapped SOL unwrapped in place of the order's": [
      'does not end by unwrapping',
      async () => compile([...WRAP, await swap(), await unwrap(ME, await accountOf(SOL_MINT))]),
    ],
    'an account for wrapped SOL in the associated place': [
      "not of the order's tokens",
      async () => compile([await create(SOL_MINT), await swap()]),
    ],
    'wrapped SOL that is not unwrapped': [
      'does not end by unwrapping',
      async () => compile([...WRAP, await swap()]),
    ],
    'a second account of wrapped SOL': [
      'creates a receipt',
      async () => compile([...WRAP, ...(await wrap(RENT, { seed: '43210' })), await swap(), await unwrap()]),
    ],
    "wrapped SOL that becomes somebody else's": [
      "not made the wallet's at once",
      async () => {
        const [made, initialized] = WRAP as [Instruction, Instruction];
        const data = Buffer.concat([Uint8Array.of(18), decodeBase58(THIEF)]);
        return compile([made, { ...initialized, data }, await swap(), await unwrap()]);
      },
    ],
    'wrapped SOL that is initialized after the swap': [
      "not made the wallet's at once",
      async () => {
        const [made, initialized] = WRAP as [Instruction, Instruction];
        return compile([made, await swap(), initialized, await unwrap()]);
      },
    ],
    'wrapped SOL at another address': [
      'wrapped SOL has another address',
      async () =>
        compile([...(await wrap(RENT, { address: any(42) })), await swap(), await unwrap(ME, any(42))]),
    ],
    'an account for another program': [
      'created for another program',
      async () => {
        const [made, ...others] = WRAP as [Instruction, Instruction];
        const data = Buffer.concat([made.data.slice(0, -32), decodeBase58(THIEF)]);
        return compile([{ ...made, data }, ...others, await swap(), await unwrap()]);
      },
    ],
    'an account derived from another wallet': [
      'derived from another wallet',
      async () => {
        const [made, ...others] = WRAP as [Instruction, Instruction];
        const data = Buffer.concat([made.data.slice(0, 4), decodeBase58(THIEF), made.data.slice(36)]);
        return compile([{ ...made, data }, ...others, await swap(), await unwrap()]);
      },
    ],
    'an account assigned to a program': [
      'is not allowed',
      async () => compile([await swap(), custom(SYSTEM, [me()], [1, 0, 0, 0])]),
    ],
    'a token transfer': [
      'is not allowed',
      async () =>
        compile([
          await swap(),
          custom(
            TOKEN_PROGRAM,
            [writable(await accountOf(USDC)), writable(THIEF), me()],
            [3, 1, 0, 0, 0, 0, 0, 0, 0],
          ),
        ]),
    ],
    'a delegate for a token account': [
      'is not allowed',
      async () =>
        compile([
          await swap(),
          custom(
            TOKEN_PROGRAM,
            [writable(await accountOf(USDC)), writable(THIEF), me()],
            [4, 1, 0, 0, 0, 0, 0, 0, 0],
          ),
        ]),
    ],
    'closing another token account': [
      'is not allowed',
      async () => compile([await swap(), await unwrap(ME, await accountOf(USDC))]),
    ],
    'unwrapping to somebody': [
      'does not end by unwrapping',
      async () => {
        const close = await unwrap();
        return compile([
          ...WRAP,
          await swap(),
          { ...close, accounts: close.accounts.with(1, writable(THIEF)) },
        ]);
      },
    ],
    "somebody else's token account": [
      "not the wallet's own",
      async () => {
        const made = await create(USDC);
        return compile([{ ...made, accounts: made.accounts.with(2, writable(THIEF)) }, await swap()]);
      },
    ],
    'a token account at another address': [
      'another address',
      async () => {
        const made = await create(USDC);
        return compile([{ ...made, accounts: made.accounts.with(1, writable(any(41))) }, await swap()]);
      },
    ],
    'a token account of another token': [
      "not of the order's tokens",
      async () => compile([await create(JUP), await swap()]),
    ],
    'a priority fee above the ceiling': [
      'priority fee is 10000001 lamports',
      async () => compile([await swap()], { limit: 1_000_000, price: 10_000_001n }),
    ],
    'a second compute budget': [
      'set twice',
      async () =>
        compile([await swap(), custom('ComputeBudget111111111111111111111111111111', [], [2, 1, 0, 0, 0])]),
    ],
    'an unknown compute budget instruction': [
      'not of a known form',
      async () =>
        compile([await swap(), custom('ComputeBudget111111111111111111111111111111', [], [1, 1, 0, 0, 0])]),
    ],
    'bytes after the end': ['bytes follow', async () => Uint8Array.from([...compile([await swap()]), 0])],
    'a message cut short': ['cut short', async () => compile([await swap()]).slice(0, -3)],
    'lookup tables': [
      'lookup tables',
      async () =>
        Uint8Array.from([...compile([await swap()]).slice(0, -1), 1, ...decodeBase58(any(5)), 0, 0]),
    ],
    'a legacy message': ['version 0', async () => compile([await swap()]).slice(1)],
    'a second signer': ['another account signs too', async () => compile([await swap()]).with(1, 2)],
  };

  test.each(Object.entries(tampered))('%s', async (_, [problem, build]) => {
    const message = await build();
    const refusal = (await signer.sign(message, POLICY).catch((error: unknown) => error)) as Error;
    expect(refusal).toBeInstanceOf(PolicyRefused);
    expect(refusal.message).toContain(problem);
  });

  test('wrapping where the order does not spend SOL', async () => {
    const sale = { mintIn: USDC, mintOut: SOL_MINT };
    const message = compile([...(await wrap(4_100_001n)), await swap(sale), await unwrap()]);
    await expect(signer.sign(message, { ...POLICY, ...sale })).rejects.toThrow('allowed are 4100000');
    const other = { mintIn: USDC, mintOut: JUP };
    await expect(signer.sign(compile([await swap(other)]), { ...POLICY, ...other })).rejects.toThrow(
      'it wraps SOL, which is not of the order',
    );
  });

  test('the swaps of a venue that has no inspector', async () => {
    const raydiumOnly = createKeypairSigner({ secretKey, inspectors: [raydiumSwapInspector] });
    await expect(raydiumOnly.sign(compile([await swap({ venue: 'meteora' })]), POLICY)).rejects.toThrow(
      'is not allowed',
    );
  });

  test('every message with one changed byte, unless the policy allows the changed message', async () => {
    const message = compile(await honest());
    let refused = 0;
    for (let at = 0; at < message.length; at += 1) {
      const changed = message.with(at, (message[at] as number) ^ 1);
      const outcome = await signer.sign(changed, POLICY).catch((error: unknown) => error);
      if (outcome instanceof PolicyRefused) refused += 1;
      else expect(outcome).toHaveProperty('signature');
    }
    expect(refused).toBeGreaterThan(message.length / 3);
  });
});

function publicKeyOf(address: string) {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  return createPublicKey({
    key: Buffer.concat([prefix, decodeBase58(address)]),
    format: 'der',
    type: 'spki',
  });
}
