import { decodeBase58 } from '@oee/amm';

/**
 * How often a swap of each order landed, by the memos of all the wallet's transactions: an audit that reads only the
 * chain's ledger and nothing of the engine.
 */
export async function landedSwapsByOrder(rpcUrl: string, wallet: string): Promise<Map<string, number>> {
  const landed = new Map<string, number>();
  for (const { signature, err } of await signaturesOf(rpcUrl, wallet)) {
    if (err !== null) continue;
    const transaction = await rpc<LandedTransaction>(rpcUrl, 'getTransaction', [
      signature,
      { encoding: 'json', commitment: 'confirmed', maxSupportedTransactionVersion: 0 },
    ]);
    const orderId = orderOf(transaction);
    if (orderId) landed.set(orderId, (landed.get(orderId) ?? 0) + 1);
  }
  return landed;
}

const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';

export interface LandedTransaction {
  readonly transaction: {
    readonly message: {
      readonly accountKeys: readonly string[];
      readonly instructions: readonly { readonly programIdIndex: number; readonly data: string }[];
    };
  };
}

/**
 * The order in the memo `<orderId>/<attempt>`; undefined for a transaction without an order, such as one that closes
 * receipts.
 */
export function orderOf({ transaction }: LandedTransaction): string | undefined {
  const { accountKeys, instructions } = transaction.message;
  const memo = instructions.find(({ programIdIndex }) => accountKeys[programIdIndex] === MEMO_PROGRAM);
  const text = memo && Buffer.from(decodeBase58(memo.data)).toString('utf8');
  return text && /^([\da-f-]{36})\/\d+$/.exec(text)?.[1];
}

export async function signaturesOf(
  rpcUrl: string,
  wallet: string,
): Promise<{ signature: string; err: unknown }[]> {
  const all: { signature: string; err: unknown }[] = [];
  for (;;) {
    const before = all.at(-1)?.signature;
    const page = await rpc<{ signature: string; err: unknown }[]>(rpcUrl, 'getSignaturesForAddress', [
      wallet,
      { limit: 1_000, commitment: 'confirmed', ...(before && { before }) },
    ]);
    all.push(...page);
    if (page.length < 1_000) return all;
  }
}

export async function rpc<T>(url: string, method: string, params: unknown[]): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: T; error?: { message: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as T;
}
