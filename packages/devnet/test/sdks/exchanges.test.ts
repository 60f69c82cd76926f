import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../../../test/support/requires.ts';
import { type LocalChain, load, SOL, startLocalChain, USDC } from './local-chain.ts';
import type { Landed, Wallet } from './wallet.ts';

describeWith({ needs: 'SDKs' })('on the local pools', () => {
  const web3 = load('@solana/web3.js');
  const anchor = load('@coral-xyz/anchor');
  const dlmm = load('@meteora-ag/dlmm');
  const damm = load('@meteora-ag/cp-amm-sdk');
  const { BN } = anchor;
  const key = (address: string) => new web3.PublicKey(address);
  const big = (value: { toString(): string }) => BigInt(value.toString());

  let chain: LocalChain;
  let wallet: Wallet;
  beforeAll(async () => {
    chain = await startLocalChain({ slotMs: 'manual' });
    const { Wallet } = await import('./wallet.ts');
    wallet = new Wallet(chain);
    await chain.fund(wallet.address);
  });
  afterAll(() => chain?.stop());

  const poolsOf = (kind: string) => chain.pools.filter((pool) => pool.kind === kind);

  /**
   * Token accounts exist, so that no rent stands between the figures. That of wrapped SOL does not: the clients open one
   * and close it again, and get the rent back.
   */
  async function openAccounts(...mints: string[]): Promise<void> {
    const spl = load('@solana/spl-token');
    const owner = wallet.keypair.publicKey;
    const others = mints.filter((mint) => mint !== SOL);
    const create = others.map((mint) => {
      const account = spl.getAssociatedTokenAddressSync(key(mint), owner);
      return spl.createAssociatedTokenAccountIdempotentInstruction(owner, account, owner, key(mint));
    });
    await wallet.land(new web3.Transaction().add(...create));
  }

  /** What a transaction's programs told of by invoking themselves, as Anchor's `emit_cpi!` does. */
  function eventsOf({ meta }: Landed, idl: object) {
    const coder = new anchor.BorshEventCoder(idl);
    return meta.innerInstructions
      .flatMap(({ instructions }) => instructions)
      .map(({ data }) => Buffer.from(anchor.utils.bytes.bs58.decode(data)))
      .filter((data) => data.subarray(0, 8).toString('hex') === 'e445a52e51cb9a1d')
      .map((data) => coder.decode(data.subarray(8).toString('base64')));
  }

  /** The wallet paid and received exactly this. */
  function expectMoved(
    landed: Landed,
    moved: { paid: string; amountIn: bigint; got: string; amountOut: bigint },
  ) {
    expect(landed.meta.err).toBeNull();
    expect(wallet.change(landed, moved.paid)).toBe(-moved.amountIn);
    expect(wallet.change(landed, moved.got)).toBe(moved.amountOut);
  }

  describe('@meteora-ag/dlmm', () => {
    test.each([true, false])('its quotes hold to the unit, X to Y: %s', async (isXToY) => {
      for (const listing of poolsOf('meteora-dlmm')) {
        await openAccounts(listing.mint0, listing.mint1);
        const pool = await dlmm.create(wallet.connection, key(listing.address));
        const [tokenIn, tokenOut] = isXToY ? [pool.tokenX, pool.tokenY] : [pool.tokenY, pool.tokenX];
        const [paid, got] = [tokenIn.publicKey.toBase58(), tokenOut.publicKey.toBase58()];
        const arrays = await pool.getBinArrayForSwap(isXToY);
        const exactIn = pool.swapQuote(new BN(2_000_000), isXToY, new BN(10), arrays);
        const common = {
          inToken: tokenIn.publicKey,
          outToken: tokenOut.publicKey,
          lbPair: pool.pubkey,
          user: wallet.keypair.publicKey,
        };
        const landed = await wallet.land(
          await pool.swap({
            ...common,
            inAmount: exactIn.consumedInAmount,
            minOutAmount: exactIn.outAmount,
            binArraysPubkey: exactIn.binArraysPubkey,
          }),
        );
        const amountOut = big(exactIn.outAmount);
        expectMoved(landed, { paid, amountIn: 2_000_000n, got, amountOut });
        const [swap] = eventsOf(landed, dlmm.IDL);
        expect(swap.name).toBe('Swap');
        expect([big(swap.data.amount_in), big(swap.data.amount_out)]).toEqual([2_000_000n, amountOut]);
        expect(swap.data.swap_for_y).toBe(isXToY);

        await pool.refetchStates();
        const exactOut = pool.swapQuoteExactOut(
          exactIn.outAmount,
          isXToY,
          new BN(10),
          await pool.getBinArrayForSwap(isXToY),
        );
        const second = await wallet.land(
          await pool.swapExactOut({
            ...common,
            outAmount: exactIn.outAmount,
            maxInAmount: exactOut.inAmount,
            binArraysPubkey: exactOut.binArraysPubkey,
          }),
        );
        expectMoved(second, { paid, amountIn: big(exactOut.inAmount), got, amountOut });
      }
    });
  });

  describe('@meteora-ag/cp-amm-sdk', () => {
    test.each(['ExactIn', 'PartialFill', 'ExactOut'])('its quotes hold to the unit: %s', async (mode) => {
      const amm = new damm.CpAmm(wallet.connection);
      for (const listing of poolsOf('meteora-damm-v2').slice(0, 2)) {
        await openAccounts(listing.mint0, listing.mint1);
        for (const inputTokenMint of [listing.mint0, listing.mint1]) {
          const state = await amm.fetchPoolState(key(listing.address));
          const outputTokenMint = inputTokenMint === listing.mint0 ? listing.mint1 : listing.mint0;
          const slot = await wallet.connection.getSlot('processed');
          const currentPoint = new BN(await wallet.connection.getBlockTime(slot));
          const wanted =
            mode === 'ExactOut' ? { amountOut: new BN(3_000_000) } : { amountIn: new BN(3_000_000) };
          const quote = amm.getQuote2({
            ...wanted,
            swapMode: damm.SwapMode[mode],
            inputTokenMint: key(inputTokenMint),
            slippage: 1,
            currentPoint,
            poolState: state,
            tokenADecimal: 9,
            tokenBDecimal: 6,
            hasReferral: false,
          });
          const limits =
            mode === 'ExactOut'
              ? { amountOut: wanted.amountOut, maximumAmountIn: quote.includedFeeInputAmount }
              : { amountIn: wanted.amountIn, minimumAmountOut: quote.outputAmount };
          const landed = await wallet.land(
            await amm.swap2({
              ...limits,
              swapMode: damm.SwapMode[mode],
              payer: wallet.keypair.publicKey,
              pool: key(listing.address),
              inputTokenMint: key(inputTokenMint),
              outputTokenMint: key(outputTokenMint),
              tokenAMint: state.tokenAMint,
              tokenBMint: state.tokenBMint,
              tokenAVault: state.tokenAVault,
              tokenBVault: state.tokenBVault,
              tokenAProgram: damm.getTokenProgram(state.tokenAFlag),
              tokenBProgram: damm.getTokenProgram(state.tokenBFlag),
              referralTokenAccount: null,
              poolState: state,
            }),
          );
          const [amountIn, amountOut] = [big(quote.includedFeeInputAmount), big(quote.outputAmount)];
          expectMoved(landed, { paid: inputTokenMint, amountIn, got: outputTokenMint, amountOut });
          const [event] = eventsOf(landed, damm.CpAmmIdl);
          expect(event.name).toBe('EvtSwap2');
          const { swap_result } = event.data;
          expect(big(swap_result.included_fee_input_amount)).toBe(amountIn);
          expect(big(swap_result.output_amount)).toBe(amountOut);
          expect(big(swap_result.next_sqrt_price)).toBe(big(quote.nextSqrtPrice));
        }
      }
    });
  });

  describe('@jup-ag/api', () => {
    const { Configuration, SwapApi } = load('@jup-ag/api');
    const client = () => new SwapApi(new Configuration({ basePath: `${chain.url}/swap/v1` }));
    const deserialize = (text: string) => web3.VersionedTransaction.deserialize(Buffer.from(text, 'base64'));

    test('it lists the exchanges', async () => {
      expect(Object.values(await client().programIdToLabelGet())).toContain('Meteora DLMM');
    });

    test.each([
      ['SOL into a token', SOL, USDC],
      ['a token into SOL', USDC, SOL],
      ['a token into a token', USDC, 'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN'],
    ])('its swap of %s gives what its quote says', async (_, inputMint, outputMint) => {
      await openAccounts(inputMint, outputMint);
      const quote = await client().quoteGet({
        inputMint,
        outputMint,
        amount: 20_000_000,
        slippageBps: 10,
        onlyDirectRoutes: true,
      });
      expect(quote.routePlan.length).toBe(1);
      const swapRequest = {
        quoteResponse: quote,
        userPublicKey: wallet.address,
        dynamicComputeUnitLimit: true,
        prioritizationFeeLamports: {
          priorityLevelWithMaxLamports: { priorityLevel: 'high', maxLamports: 9_000 },
        },
      };
      const { swapTransaction, lastValidBlockHeight, ...rest } = await client().swapPost({ swapRequest });
      expect(rest.prioritizationFeeLamports).toBeLessThanOrEqual(9_000);
      expect(lastValidBlockHeight).toBeGreaterThan(await wallet.connection.getBlockHeight('processed'));
      const landed = await wallet.land(deserialize(swapTransaction));
      const amountOut = BigInt(quote.outAmount);
      expectMoved(landed, { paid: inputMint, amountIn: 20_000_000n, got: outputMint, amountOut });
    });

    test('its instructions give what the quote says, over several pools too', async () => {
      const jup = 'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN';
      const quote = await client().quoteGet({
        inputMint: USDC,
        outputMint: jup,
        amount: 90_000_000_000,
        slippageBps: 10,
      });
      expect(quote.routePlan.length).toBeGreaterThan(1);
      const swapRequest = { quoteResponse: quote, userPublicKey: wallet.address };
      const parts = await client().swapInstructionsPost({ swapRequest });
      const instructions = [
        ...parts.computeBudgetInstructions,
        ...parts.setupInstructions,
        parts.swapInstruction,
        ...(parts.cleanupInstruction ? [parts.cleanupInstruction] : []),
      ].map(
        ({ programId, accounts, data }) =>
          new web3.TransactionInstruction({
            programId: key(programId),
            keys: accounts.map(({ pubkey, ...role }: { pubkey: string }) => ({
              pubkey: key(pubkey),
              ...role,
            })),
            data: Buffer.from(data, 'base64'),
          }),
      );
      const landed = await wallet.land(new web3.Transaction().add(...instructions));
      expect(landed.meta.err).toBeNull();
      expect(wallet.change(landed, jup)).toBe(BigInt(quote.outAmount));
    });

    test('gets the reason when there is no route or a parameter is wrong', async () => {
      const nowhere = web3.Keypair.generate().publicKey.toBase58();
      const reasons = async (promise: Promise<unknown>) => {
        const error = await promise.then(
          () => null,
          (thrown: { response: Response }) => thrown,
        );
        return { status: error?.response.status, body: await error?.response.json() };
      };
      const unknown = client().quoteGet({ inputMint: USDC, outputMint: nowhere, amount: 1 });
      expect(await reasons(unknown)).toEqual({
        status: 400,
        body: { error: 'Could not find any route', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' },
      });
      const quote = await client().quoteGet({
        inputMint: USDC,
        outputMint: SOL,
        amount: 1_000_000,
      });
      const changed = { ...quote, inAmount: '999999' };
      const swapRequest = { quoteResponse: changed, userPublicKey: wallet.address };
      expect(await reasons(client().swapPost({ swapRequest }))).toEqual({
        status: 400,
        body: { error: 'routePlan spends more than it has' },
      });
    });
  });
});
