import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeyPairSignerFromBytes, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { type Devnet, startDevnet } from '../../src/index.ts';

/** The cluster that the suite holds to Agave's shapes: the one that is named, or a devnet of this process. */
export interface Cluster {
  readonly url: string;
  readonly wsUrl: string;
  /** Has at least a tenth of a SOL. */
  readonly payer: KeyPairSigner;
  readonly devnet: Devnet | null;
}

/**
 * `CONFORMANCE_RPC_URL` names another cluster; its WebSocket is at `CONFORMANCE_WS_URL`, or where web3.js v1 looks: on the
 * next port. `CONFORMANCE_KEYPAIR`, a file as `solana-keygen` writes it, pays there; without it an airdrop is asked for.
 */
export async function openCluster(): Promise<Cluster> {
  const { CONFORMANCE_RPC_URL: named, CONFORMANCE_WS_URL, CONFORMANCE_KEYPAIR } = process.env;
  const devnet = named ? null : await startDevnet({ port: 0, slotMs: 50, market: 'calm', onWarning() {} });
  const url = named ?? devnet!.url;
  const wsUrl = CONFORMANCE_WS_URL ?? devnet?.wsUrl ?? nextPort(url);
  const payer = CONFORMANCE_KEYPAIR
    ? await createKeyPairSignerFromBytes(
        Uint8Array.from(JSON.parse(readFileSync(CONFORMANCE_KEYPAIR, 'utf8'))),
      )
    : await generateKeyPairSigner();
  if (!CONFORMANCE_KEYPAIR) await airdrop(url, payer.address);
  return { url, wsUrl, payer, devnet };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at the wire and assert its shape themselves
type Answer = { result?: any; error?: { code: number; message: string; data?: any } };

/** Calls a method without a client between: the answer as it is on the wire. */
export async function ask(url: string, method: string, params: unknown[] = []): Promise<Answer> {
  return (await postRaw(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) as Answer;
}

export async function postRaw(url: string, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body });
  return response.json();
}

/** Repeats until it holds; a cluster takes its time. */
export async function eventually<T>(what: string, look: () => Promise<T | null | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not seen: ${what}`);
    await sleep(50);
  }
}

async function airdrop(url: string, address: string): Promise<void> {
  const { result, error } = await ask(url, 'requestAirdrop', [address, 1_000_000_000]);
  if (error) throw new Error(`no airdrop (${error.message}): name a CONFORMANCE_KEYPAIR with SOL`);
  await eventually('the airdrop', async () => {
    const { result: statuses } = await ask(url, 'getSignatureStatuses', [[result]]);
    return statuses.value[0]?.confirmationStatus === 'finalized' ? true : null;
  });
}

function nextPort(url: string): string {
  const next = new URL(url.replace(/^http/, 'ws'));
  if (next.port !== '') next.port = String(Number(next.port) + 1);
  return next.href;
}
