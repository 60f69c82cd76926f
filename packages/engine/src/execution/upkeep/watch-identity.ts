import { AnotherChain, type ChainIdentity } from '../../ports/chain.ts';
import type { Signer } from '../../ports/signer.ts';
import type { Ports } from '../ports.ts';
import { gateSigner } from '../proofs/gate-signer.ts';

const LOOK_MS = 1_000;
// Every answer is checked anyway; this poll is for an engine that sends no other requests.
const QUIET_LOOKS = 5;

/**
 * Asks the nodes which chain they answer for: each now and then, one that answered for another chain every second until it
 * is trusted again. Says in the log when signing stops, and when it goes on. Runs until the signal aborts.
 */
export async function watchIdentity(
  ports: Pick<Ports, 'chain' | 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, chain, log } = ports;
  const { strangers, genesisHash } = chain.identity;
  const told = new Set<string>();
  for (let looks = 0; !signal.aborted; looks += 1) {
    const isAlarmed = strangers.size > 0;
    if (isAlarmed || looks % QUIET_LOOKS === 0) await Promise.all(chain.nodes.map(identify));
    for (const [node, stranger] of strangers) {
      if (told.has(node)) continue;
      told.add(node);
      const found = { node, genesis: stranger.genesisHash, expected: genesisHash };
      log.error(found, 'node answers for another chain, nothing is signed');
    }
    await clock.sleep(LOOK_MS, signal);
  }

  async function identify(node: Ports['chain']['nodes'][number]): Promise<void> {
    try {
      await node.identify();
    } catch {
      return; // A stranger is on the list by now; an unavailable node says nothing about the chain.
    }
    if (!chain.identity.trustAgain(node.name)) return;
    told.delete(node.name);
    log.warn({ node: node.name, genesis: genesisHash }, 'node answers for the right chain again');
  }
}

/**
 * A signer that refuses while a node answers for another chain. The identity of each blockhash already keeps transactions off
 * other chains; this gate keeps other data of that chain, such as prices, out of new transactions.
 */
export const signerAtHome = (signer: Signer, identity: ChainIdentity): Signer =>
  gateSigner(signer, () => {
    for (const [node, { genesisHash }] of identity.strangers)
      throw new AnotherChain(`nothing is signed: ${node} answers for the chain with genesis ${genesisHash}`);
  });
