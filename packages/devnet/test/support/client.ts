import { createHash } from 'node:crypto';
import {
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  createKeyPairSignerFromPrivateKeyBytes,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/index.ts';

const SYSTEM_PROGRAM = '11111111111111111111111111111111' as Address;

/** A devnet on a free port whose slots pass only when told to. */
export function startManualDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  return startDevnet({ port: 0, slotMs: 'manual', market: 'none', onWarning: () => {}, ...options });
}

export function rpcOf(devnet: Pick<Devnet, 'url'>) {
  return createSolanaRpc(devnet.url);
}

export function subscriptionsOf(devnet: Pick<Devnet, 'wsUrl'>) {
  return createSolanaRpcSubscriptions(devnet.wsUrl);
}

/** Whatever a method answers: tests look at the wire and assert its shape themselves. */
interface RpcAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the raw wire has no types
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the raw wire has no types
  readonly error?: { code: number; message: string; data?: any };
}

/** Calls an RPC method without a client between: the answer as it is on the wire. */
export async function call(devnet: Pick<Devnet, 'url'>, method: string, params: unknown[] = []) {
  const answer = await post(devnet, '/', { jsonrpc: '2.0', id: 1, method, params });
  return answer.body as RpcAnswer;
}

export async function post(devnet: Pick<Devnet, 'url'>, path: string, body: unknown) {
  const response = await fetch(devnet.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

export async function get(devnet: Pick<Devnet, 'url'>, path: string) {
  const response = await fetch(devnet.url + path);
  return { status: response.status, body: (await response.json()) as unknown };
}

export async function advance(devnet: Pick<Devnet, 'url'>, blocks: number): Promise<void> {
  const { status } = await post(devnet, '/admin/advance', { blocks });
  if (status !== 200) throw new Error(`advance answered ${status}`);
}

/** A new key pair with this many lamports. */
export async function fundedSigner(
  devnet: Pick<Devnet, 'url'>,
  lamports = 1_000_000_000_000n,
): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  const { status } = await post(devnet, '/admin/fund', {
    owner: signer.address,
    lamports: String(lamports),
  });
  if (status !== 200) throw new Error(`fund answered ${status}`);
  return signer;
}

export function signerFrom(text: string): Promise<KeyPairSigner> {
  return createKeyPairSignerFromPrivateKeyBytes(createHash('sha256').update(text).digest());
}

/** System program: move lamports. */
export function transfer(from: KeyPairSigner, to: Address, lamports: bigint): Instruction {
  const data = new Uint8Array(12);
  const view = new DataView(data.buffer);
  view.setUint32(0, 2, true);
  view.setBigUint64(4, lamports, true);
  return {
    programAddress: SYSTEM_PROGRAM,
    accounts: [{ address: from.address, role: 3, signer: from } as never, { address: to, role: 1 }],
    data,
  };
}

export async function blockhashOf(devnet: Pick<Devnet, 'url'>, commitment: string) {
  const { result } = await call(devnet, 'getLatestBlockhash', [{ commitment }]);
  return result.value as { blockhash: Blockhash; lastValidBlockHeight: number };
}

/** Signs instructions into wire form, with a confirmed blockhash unless another is given. */
export async function signed(
  devnet: Pick<Devnet, 'url'>,
  payer: KeyPairSigner,
  instructions: readonly Instruction[],
  blockhash?: Blockhash,
) {
  const lifetime = blockhash ?? (await blockhashOf(devnet, 'confirmed')).blockhash;
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (draft) => setTransactionMessageFeePayerSigner(payer, draft),
    (draft) =>
      setTransactionMessageLifetimeUsingBlockhash({ blockhash: lifetime, lastValidBlockHeight: 0n }, draft),
    (draft) => appendTransactionMessageInstructions(instructions, draft),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  return {
    signature: getSignatureFromTransaction(transaction),
    base64: getBase64EncodedWireTransaction(transaction),
  };
}

export function send(devnet: Pick<Devnet, 'url'>, base64: string, config: object = { skipPreflight: true }) {
  return call(devnet, 'sendTransaction', [base64, { encoding: 'base64', ...config }]);
}

export async function statusOf(
  devnet: Pick<Devnet, 'url'>,
  signature: string,
  searchTransactionHistory = true,
) {
  const { result } = await call(devnet, 'getSignatureStatuses', [[signature], { searchTransactionHistory }]);
  return result.value[0];
}

export async function balanceOf(devnet: Pick<Devnet, 'url'>, address: string, commitment = 'processed') {
  const { result } = await call(devnet, 'getBalance', [address, { commitment }]);
  return BigInt(result.value);
}
