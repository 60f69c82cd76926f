import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toOrderId } from '../domain/order.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Token } from '../domain/token.ts';
import { AnotherChain, type Chain, type ChainNode, ChainUnavailable, type SignatureStatus } from './chain.ts';
import { RECEIPTS_PER_TRANSACTION, WRAP_SEED_CHARACTERS } from './chain-limits.ts';
import type { SignedTransaction, Signer } from './signer.ts';
import type { Venue } from './venue.ts';

/** A chain that stands still until the suite asks for slots; the wallet holds `tokenIn`, and SOL for fees. */
export interface ChainWorld {
  readonly chain: Chain;
  readonly venue: Venue;
  readonly signer: Signer;
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  /** An amount of `tokenIn` that the wallet can pay several times over. */
  readonly amountIn: bigint;
  /** Not only slots: a slot may pass without a block; then nothing becomes confirmed, and no subscriber gets a message. */
  produceBlocks(count: number): Promise<void>;
  /** Lets every node answer for the chain with this genesis hash; null: for its own again. */
  answerFor(genesisHash: string | null): void;
  stop(): Promise<void>;
}

/** What the execution relies on, whatever chain is behind the port. */
export function chainSuite(name: string, start: () => Promise<ChainWorld>): void {
  describe(`the chain port: ${name}`, () => {
    let world: ChainWorld;
    let node: ChainNode;
    let memos = 0;
    beforeAll(async () => {
      world = await start();
      node = world.chain.nodes[0] as ChainNode;
      await world.produceBlocks(40);
    }, 60_000);
    afterAll(() => world?.stop());

    const parts = (blockhash: string) => {
      memos += 1;
      return {
        payer: world.signer.address,
        instructions: [],
        blockhash,
        computeUnitLimit: 400_000,
        computeUnitPriceMicroLamports: 0n,
        memo: `transaction ${memos}`,
      };
    };

    /** `limit` changes the least output of the swap. */
    async function sign(
      limit = (amountOut: bigint) => amountOut,
      amountIn = world.amountIn,
      receipt?: Receipt,
    ) {
      const { chain, venue, signer, tokenIn, tokenOut } = world;
      const request = { tokenIn, tokenOut, swapMode: 'exactIn', amount: amountIn } as const;
      const [answer] = await venue.quote(request, AbortSignal.timeout(5_000));
      if (answer?.outcome !== 'quoted') throw new Error('the venue has no quote');
      const leg = answer.quote.route.legs[0]!;
      const amountOut = limit(leg.amountOut);
      const ends = { payer: signer.address, tokenIn, tokenOut, amountIn };
      const frame = await chain.swapFrame({
        ...ends,
        wrapSeed: String(memos).padStart(WRAP_SEED_CHARACTERS, '0'),
      });
      const accounts = { tokenAccountIn: frame.tokenAccountIn, tokenAccountOut: frame.tokenAccountOut };
      const swap = {
        leg,
        payer: signer.address,
        ...accounts,
        swapMode: 'exactIn',
        amountIn,
        amountOut,
      } as const;
      const { instructions } = await venue.swapInstructions(swap);
      const blockhash = await node.latestBlockhash();
      const common = parts(blockhash.blockhash);
      const message = chain.compile({
        ...common,
        instructions: [...frame.before, ...instructions, ...frame.after],
        ...(receipt && { receipt }),
      });
      const limits = { maxAmountIn: amountIn, minAmountOut: amountOut, ...(receipt && { receipt }) };
      const policy = { orderId: toOrderId('order'), mintIn: tokenIn.mint, mintOut: tokenOut.mint, ...limits };
      return { leg, message, memo: common.memo, blockhash, signed: await signer.sign(message, policy) };
    }

    /** A receipt that no other test has. */
    const newReceipt = () => {
      memos += 1;
      return world.chain.receipt(world.signer.address, String(memos).padStart(32, 'seed'));
    };

    async function signCreation(receipt: Receipt): Promise<SignedTransaction> {
      const { blockhash } = await node.latestBlockhash();
      const message = world.chain.compile({ ...parts(blockhash), receipt });
      return world.signer.signReceipts(message, { action: 'create', receipt });
    }

    async function signClosing(receipts: readonly Receipt[]): Promise<SignedTransaction> {
      const { blockhash } = await node.latestBlockhash();
      const instructions = world.chain.closeReceipts(world.signer.address, receipts);
      const message = world.chain.compile({ ...parts(blockhash), instructions });
      return world.signer.signReceipts(message, { action: 'close', receipts });
    }

    async function land(transaction: SignedTransaction): Promise<SignatureStatus | null> {
      await node.send(transaction.bytes);
      await world.produceBlocks(3);
      return statusOf(transaction);
    }

    async function lamportsOf(receipts: readonly Receipt[]): Promise<readonly bigint[]> {
      return (await node.finalizedLamports(receipts.map(({ address }) => address))).lamports;
    }

    async function statusOf({ signature }: SignedTransaction): Promise<SignatureStatus | null> {
      const { statuses } = await node.signatureStatuses([signature], { searchHistory: true });
      return statuses[0] ?? null;
    }

    async function heldOut(): Promise<bigint> {
      const { tokens } = await node.holdings(world.signer.address);
      return tokens.get(world.tokenOut.mint) ?? 0n;
    }

    test('takes a swap from unknown through confirmed to finalized, and moves the quoted amounts', async () => {
      const before = await heldOut();
      const { leg, signed, memo } = await sign();
      expect(await statusOf(signed)).toBeNull();
      await node.send(signed.bytes);
      await world.produceBlocks(3);

      const status = await statusOf(signed);
      expect(status).toMatchObject({ commitment: 'confirmed', error: null });
      const landed = await node.transaction(signed.signature, 'confirmed');
      expect(landed).toMatchObject({ slot: status?.slot, error: null });
      const { signature } = signed;
      expect(landed).toMatchObject({ signature, payer: world.signer.address, memo });
      expect(landed?.feeLamports).toBeGreaterThan(0n);
      const [vaultIn, vaultOut] = [landed?.tokens(leg.vaultIn!), landed?.tokens(leg.vaultOut!)];
      expect(vaultIn!.after - vaultIn!.before).toBe(leg.amountIn);
      expect(vaultOut!.before - vaultOut!.after).toBe(leg.amountOut);
      expect(await heldOut()).toBe(before + leg.amountOut);
      expect(landed?.lamports('nobody')).toBeUndefined();
      expect(await node.transaction(signed.signature, 'finalized')).toBeNull();

      await world.produceBlocks(40);
      expect(await statusOf(signed)).toMatchObject({ commitment: 'finalized', slot: status?.slot });
      expect((await node.transaction(signed.signature, 'finalized'))?.slot).toBe(status?.slot);
    });

    test('executes the same bytes once, however often they are sent', async () => {
      const before = await heldOut();
      const { leg, signed } = await sign();
      for (let times = 0; times < 5; times += 1) {
        await node.send(signed.bytes).catch(() => undefined);
        await world.produceBlocks(1);
      }
      await world.produceBlocks(2);
      expect(await heldOut()).toBe(before + leg.amountOut);
    });

    test('moves nothing in a simulation', async () => {
      const before = await heldOut();
      const { message, signed } = await sign();
      const simulation = await node.simulate(message);
      expect(simulation.outcome === 'succeeded' && simulation.computeUnits).toBeGreaterThan(0);
      await world.produceBlocks(3);
      expect(await statusOf(signed)).toBeNull();
      expect(await heldOut()).toBe(before);
    });

    test('lands a swap below its minimum output as slippage: the fee is paid, and the amounts stay', async () => {
      const before = await heldOut();
      const { message, signed, leg } = await sign((amountOut) => amountOut + 1n);
      expect(await node.simulate(message)).toMatchObject({ outcome: 'failed', error: { kind: 'slippage' } });
      await node.send(signed.bytes);
      await world.produceBlocks(3);
      expect(await statusOf(signed)).toMatchObject({ commitment: 'confirmed', error: { kind: 'slippage' } });
      const landed = await node.transaction(signed.signature, 'confirmed');
      expect(landed?.error?.kind).toBe('slippage');
      expect(landed?.feeLamports).toBeGreaterThan(0n);
      const vaultOut = landed?.tokens(leg.vaultOut!);
      expect(vaultOut?.after).toBe(vaultOut?.before);
      expect(await heldOut()).toBe(before);
    });

    test('reads a swap of more than the wallet holds as insufficient funds', async () => {
      const { message } = await sign((amountOut) => amountOut, world.amountIn * 1_000n);
      expect(await node.simulate(message)).toMatchObject({
        outcome: 'failed',
        error: { kind: 'insufficientFunds' },
      });
    });

    test('never executes bytes once the finalized height is past their last valid one', async () => {
      const { signed, blockhash } = await sign();
      const { blockHeight } = await node.finalizedEpoch();
      expect(blockHeight < blockhash.lastValidBlockHeight).toBe(true);
      await world.produceBlocks(200);
      const finalized = await node.finalizedEpoch();
      expect(finalized.blockHeight > blockhash.lastValidBlockHeight).toBe(true);

      await node.send(signed.bytes).catch(() => undefined);
      await world.produceBlocks(3);
      const answer = await node.signatureStatuses([signed.signature], { searchHistory: true });
      expect(answer.statuses).toEqual([null]);
      expect(answer.contextSlot).toBeGreaterThanOrEqual(finalized.absoluteSlot);
      expect(await node.firstAvailableSlot()).toBeLessThanOrEqual(blockhash.slot);
    });

    test('lists the finalized transactions of a wallet, newest first, with memo and bytes', async () => {
      const [landed, reverted] = [await sign(), await sign((amountOut) => amountOut + 10n ** 6n)];
      await node.send(landed.signed.bytes);
      await world.produceBlocks(1);
      await node.send(reverted.signed.bytes);
      await world.produceBlocks(3);
      const { address } = world.signer;
      const { absoluteSlot } = await node.finalizedEpoch();
      const page = { before: null, minSlot: absoluteSlot };
      const early = await node.transactionsOf(address, page);
      expect(early.map(({ signature }) => signature)).not.toContain(landed.signed.signature);
      const ahead = { before: null, minSlot: absoluteSlot + 5n };
      await expect(node.transactionsOf(address, ahead)).rejects.toThrow(ChainUnavailable);

      await world.produceBlocks(40);
      const listed = await node.transactionsOf(address, page);
      const entry = ({ signed, memo }: typeof landed, failed: boolean) => ({
        signature: signed.signature,
        slot: expect.any(BigInt),
        failed,
        memo: `[${memo.length}] ${memo}`,
      });
      expect(listed.slice(0, 2)).toEqual([entry(reverted, true), entry(landed, false)]);
      const older = await node.transactionsOf(address, { ...page, before: reverted.signed.signature });
      expect(older).toEqual(listed.slice(1));
      const bytes = await node.transactionBytes(landed.signed.signature);
      expect(Buffer.from(bytes!).equals(landed.signed.bytes)).toBe(true);
      expect(await node.transactionBytes((await sign()).signed.signature)).toBeNull();
    });

    test('names every token account of a swap with its mint, owner and change', async () => {
      const { signed, leg } = await sign();
      await node.send(signed.bytes);
      await world.produceBlocks(3);
      const landed = await node.transaction(signed.signature, 'confirmed');
      const changes = (mint: string, isOurs: boolean) =>
        (landed?.tokenAccounts ?? [])
          .filter((account) => account.mint === mint && (account.owner === world.signer.address) === isOurs)
          .map(({ before, after }) => after - before);
      expect(changes(world.tokenIn.mint, false)).toEqual([leg.amountIn]);
      expect(changes(world.tokenOut.mint, false)).toEqual([-leg.amountOut]);
      expect(changes(world.tokenIn.mint, true)).toEqual([-leg.amountIn]);
    });

    test('answers for each signature in its place', async () => {
      const first = await sign();
      await node.send(first.signed.bytes);
      await world.produceBlocks(3);
      const unknown = await sign();
      const asked = [unknown, first, unknown].map(({ signed }) => signed.signature);
      const { statuses } = await node.signatureStatuses(asked, { searchHistory: false });
      expect(statuses.map((status) => status?.commitment ?? null)).toEqual([null, 'confirmed', null]);
    });

    describe('at a node of another chain', () => {
      const page = { before: null, minSlot: 0n };
      /** Every method but `send`, so that none can be forgotten here. */
      const questions: Record<
        Exclude<keyof ChainNode, 'name' | 'send'>,
        (signed: SignedTransaction, message: Uint8Array) => Promise<unknown>
      > = {
        identify: () => node.identify(),
        latestBlockhash: () => node.latestBlockhash(),
        simulate: (_, message) => node.simulate(message),
        signatureStatuses: ({ signature }) => node.signatureStatuses([signature], { searchHistory: true }),
        finalizedEpoch: () => node.finalizedEpoch(),
        firstAvailableSlot: () => node.firstAvailableSlot(),
        holdings: () => node.holdings(world.signer.address),
        finalizedLamports: () => node.finalizedLamports([world.signer.address]),
        transaction: ({ signature }) => node.transaction(signature, 'confirmed'),
        transactionBytes: ({ signature }) => node.transactionBytes(signature),
        transactionsOf: () => node.transactionsOf(world.signer.address, page),
      };

      test('every request fails, and the node stays distrusted until three right answers', async () => {
        const { identity } = world.chain;
        const { signed, message } = await sign();
        world.answerFor('another chain');
        for (const ask of Object.values(questions))
          await expect(ask(signed, message)).rejects.toThrow(AnotherChain);
        await expect(world.chain.anyNode.latestBlockhash()).rejects.toThrow(AnotherChain);
        expect(identity.strangers.get(node.name)).toEqual({ genesisHash: 'another chain', rightAnswers: 0 });

        world.answerFor(null);
        for (const ask of Object.values(questions)) await ask(signed, message);
        expect([...identity.strangers.keys()]).toEqual([node.name]);
        const trusted = [1, 2, 3].map(() => identity.trustAgain(node.name));
        expect(trusted).toEqual([false, false, true]);
        expect(identity.strangers.size).toBe(0);
      });

      test('a distrusted node that answers wrongly again needs three right answers anew', () => {
        const { identity } = world.chain;
        const wrong = () => identity.recognize(node.name, 'another chain');
        expect(wrong).toThrow(AnotherChain);
        expect([1, 2].map(() => identity.trustAgain(node.name))).toEqual([false, false]);
        expect(wrong).toThrow(AnotherChain);
        expect([1, 2, 3].map(() => identity.trustAgain(node.name))).toEqual([false, false, true]);
        expect(identity.trustAgain(node.name)).toBe(false);
      });
    });

    describe('a receipt', () => {
      test('has an address derived from the wallet and the seed, and costs its rent', async () => {
        const { chain, signer } = world;
        const seed = 'x'.repeat(32);
        const receipt = await chain.receipt(signer.address, seed);
        expect(receipt.lamports).toBeGreaterThan(0n);
        expect(await chain.receipt(signer.address, seed)).toEqual(receipt);
        const other = await chain.receipt(signer.address, 'y'.repeat(32));
        expect(other.address).not.toBe(receipt.address);
      });

      test('has a fixed seed for an order, and another seed for another order', async () => {
        const seeds = await Promise.all(
          ['one', 'one', 'two'].map((id) => world.signer.receiptSeed(toOrderId(id))),
        );
        expect(seeds[0]).toMatch(/^[\w-]{32}$/);
        expect(seeds[1]).toBe(seeds[0]);
        expect(seeds[2]).not.toBe(seeds[0]);
      });

      test('lets one of two swaps land, whichever comes first', async () => {
        const before = await heldOut();
        const receipt = await newReceipt();
        const least = () => 1n;
        const first = await sign(least, world.amountIn, receipt);
        const second = await sign(least, world.amountIn, receipt);
        expect(await land(second.signed)).toMatchObject({ error: null });
        expect(await land(first.signed)).toMatchObject({ error: { kind: 'receiptExists' } });
        expect(await heldOut()).toBe(before + second.leg.amountOut);
        const third = await sign(least, world.amountIn, receipt);
        expect(await node.simulate(third.message)).toMatchObject({
          outcome: 'failed',
          error: { kind: 'receiptExists' },
        });
      });

      test('costs its rent and nothing else', async () => {
        const { signer } = world;
        await land((await sign()).signed); // The token accounts exist from here on.
        const receipt = await newReceipt();
        const { signed } = await sign((amountOut) => amountOut, world.amountIn, receipt);
        await land(signed);
        const landed = await node.transaction(signed.signature, 'confirmed');
        const wallet = landed?.lamports(signer.address);
        expect(wallet!.before - wallet!.after).toBe(receipt.lamports + landed!.feeLamports);
      });

      test('does not stay after a swap that reverts, so that another try can land', async () => {
        const receipt = await newReceipt();
        const failing = await sign((amountOut) => amountOut + 1n, world.amountIn, receipt);
        expect(await land(failing.signed)).toMatchObject({ error: { kind: 'slippage' } });
        const next = await sign((amountOut) => amountOut, world.amountIn, receipt);
        expect(await land(next.signed)).toMatchObject({ error: null });
      });

      test('that is created without a swap stops every swap', async () => {
        const before = await heldOut();
        const receipt = await newReceipt();
        const swap = await sign(() => 1n, world.amountIn, receipt);
        expect(await land(await signCreation(receipt))).toMatchObject({ error: null });
        expect(await land(swap.signed)).toMatchObject({ error: { kind: 'receiptExists' } });
        expect(await heldOut()).toBe(before);
      });

      test('shows only once finalized, and returns its rent when closed, several at once', async () => {
        const receipts = [await newReceipt(), await newReceipt(), await newReceipt()];
        for (const receipt of receipts) await land(await signCreation(receipt));
        expect(await lamportsOf(receipts)).toEqual([0n, 0n, 0n]);
        await world.produceBlocks(40);
        expect(await lamportsOf(receipts)).toEqual(receipts.map(({ lamports }) => lamports));
        const { contextSlot } = await node.finalizedLamports([]);
        expect(contextSlot).toBeGreaterThanOrEqual((await node.finalizedEpoch()).absoluteSlot);

        const closing = await signClosing(receipts);
        expect(await land(closing)).toMatchObject({ error: null });
        const landed = await node.transaction(closing.signature, 'confirmed');
        const wallet = landed?.lamports(world.signer.address);
        const rent = receipts.reduce((sum, { lamports }) => sum + lamports, 0n);
        expect(wallet!.after - wallet!.before).toBe(rent - landed!.feeLamports);
        await world.produceBlocks(40);
        expect(await lamportsOf(receipts)).toEqual([0n, 0n, 0n]);
        expect(await land(await signClosing(receipts))).toMatchObject({
          error: { kind: 'insufficientFunds' },
        });
      });

      test('closes together with as many others as fit into one transaction', async () => {
        const { chain, signer } = world;
        const receipts: Receipt[] = [];
        while (receipts.length < RECEIPTS_PER_TRANSACTION) receipts.push(await newReceipt());
        const { blockhash } = await node.latestBlockhash();
        const message = chain.compile({
          ...parts(blockhash),
          instructions: chain.closeReceipts(signer.address, receipts),
          computeUnitPriceMicroLamports: 1_000n,
          memo: 'm'.repeat(40),
        });
        await expect(signer.signReceipts(message, { action: 'close', receipts })).resolves.toBeDefined();
      });

      test('is signed only as requested', async () => {
        const { chain, signer } = world;
        const [mine, other] = [await newReceipt(), await newReceipt()];
        const refused = expect.objectContaining({ name: 'PolicyRefused' });
        const { blockhash } = await node.latestBlockhash();
        const creation = chain.compile({ ...parts(blockhash), receipt: mine });
        await expect(signer.signReceipts(creation, { action: 'create', receipt: other })).rejects.toEqual(
          refused,
        );
        await expect(signer.signReceipts(creation, { action: 'close', receipts: [mine] })).rejects.toEqual(
          refused,
        );
        const instructions = chain.closeReceipts(signer.address, [mine, other]);
        const closing = chain.compile({ ...parts(blockhash), instructions });
        await expect(signer.signReceipts(closing, { action: 'close', receipts: [mine] })).rejects.toEqual(
          refused,
        );
        const empty = chain.compile(parts(blockhash));
        await expect(signer.signReceipts(empty, { action: 'close', receipts: [mine] })).rejects.toEqual(
          refused,
        );
        const { message } = await sign((amountOut) => amountOut, world.amountIn, mine);
        const { tokenIn, tokenOut, amountIn } = world;
        const policy = {
          orderId: toOrderId('order'),
          mintIn: tokenIn.mint,
          mintOut: tokenOut.mint,
          maxAmountIn: amountIn,
          minAmountOut: 1n,
        };
        await expect(signer.sign(message, policy)).rejects.toEqual(refused);
        await expect(signer.sign(message, { ...policy, receipt: other })).rejects.toEqual(refused);
        const plain = await sign();
        await expect(signer.sign(plain.message, { ...policy, receipt: mine })).rejects.toEqual(refused);
      });
    });

    test('announces each slot until the listener unsubscribes', { timeout: 40_000 }, async () => {
      const slots: bigint[] = [];
      const leave = world.chain.onSlot((slot) => slots.push(slot));
      await world.produceBlocks(1);
      await expect.poll(() => slots.length, { timeout: 30_000 }).toBeGreaterThan(0);
      leave();
      const heard = slots.length;
      await world.produceBlocks(3);
      expect(slots).toHaveLength(heard);
    });
  });
}
