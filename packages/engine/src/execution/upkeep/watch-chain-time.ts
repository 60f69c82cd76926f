import { blocksOf } from '../../domain/block-height.ts';
import { NEAR } from '../../domain/chain-counter.ts';
import type { ChainTime } from '../../domain/chain-time.ts';
import type { Blockhash } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { startDeadline } from '../waiting/deadline.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

/** How often each node is polled. Between two polls the engine accepts slots from sockets within the bound that time allows. */
const LOOK_MS = 2_000;

/** Polls every node for the chain's slot until the signal aborts. */
export async function watchChainTime(ports: Ports, time: ChainTime, signal: AbortSignal): Promise<void> {
  await repeatEvery(ports, signal, LOOK_MS, () => lookAtChain(ports, time));
}

async function lookAtChain({ chain, clock, log }: Ports, time: ChainTime): Promise<void> {
  const late = startDeadline(clock, LOOK_MS / 2);
  const ask = async (node: Ports['chain']['anyNode']): Promise<Blockhash | undefined> => {
    try {
      return (await Promise.race([node.latestBlockhash(), late.passed])) ?? undefined;
    } catch (error) {
      log.debug({ node: node.name, error }, 'node slot unavailable');
      return undefined;
    }
  };
  const all = await Promise.all(chain.nodes.map(ask));
  const answers = all.flatMap((answer) => answer ?? []);
  time.silent = chain.nodes.filter((_, index) => !all[index]).map(({ name }) => name);
  late.callOff();
  const now = clock.moment();
  time.slots.judge(
    answers.map(({ slot }) => slot),
    now,
    chain.nodes.length,
  );
  time.horizons.judge(
    answers.map(({ lastValidBlockHeight }) => blocksOf(lastValidBlockHeight)),
    now,
    chain.nodes.length,
  );
  if (time.slots.spread > NEAR)
    log.warn({ slots: answers.map(({ slot }) => slot), believed: time.slots.newest }, 'node slots disagree');
}
