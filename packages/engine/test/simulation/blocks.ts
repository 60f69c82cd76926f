import { vaultOf } from '../../src/adapters/memory/pool.ts';
import { POOLS, SOL, USDC } from '../support/world.ts';
import type { Network, SimulatedNode } from './chain-link.ts';
import type { Processes } from './processes.ts';
import { happenEvery, isHealing, type Simulated } from './simulated.ts';
import { SLOT_MS } from './simulated-time.ts';

/** Lets the chain live: a slot every 400 ms, forks, skipped slots, prices that move, bytes that turn up again. */
export function startBlocks(
  sim: Simulated,
  network: Network,
  nodes: readonly SimulatedNode[],
  processes: Pick<Processes, 'hint' | 'blackOut'>,
): void {
  const { chance, chain, checker, scheduler, timeline } = sim;
  const faults = sim.faults();

  const slot = (): void => {
    if (chance.happens(sim.faults().slotSkipped)) chain.skipSlot();
    else produce();
    checker.market.note();
    processes.hint(chain.slot());
    for (const { ahead } of nodes) if (ahead > 0n) processes.hint(chain.slot() + ahead);
    scheduler.after(SLOT_MS, slot);
  };
  scheduler.after(SLOT_MS, slot);
  happenEvery(sim, faults.forkEveryMs, fork);
  happenEvery(sim, faults.replayEveryMs, () => replay(network.seen.values(), 0.5));
  happenEvery(sim, faults.priceMoveEveryMs, movePrice);
  happenEvery(sim, faults.aheadEveryMs, runAhead);
  if (faults.purges) scheduler.after(sim.setup.safetyMs * chance.fraction(), purge);

  /** Always the same node: a second one is to be right. The only one tells wrong slots without being asked alone. */
  function runAhead(): void {
    const node = nodes.find(({ isLiar }) => isLiar) ?? nodes[0]!;
    if (nodes.length === 1) {
      processes.hint(chain.slot() + BigInt(faults.aheadSlots));
      return;
    }
    node.ahead = node.ahead > 0n ? 0n : BigInt(faults.aheadSlots);
    sim.count('ahead of time');
    timeline.note(node.node.name, () => `counts ${node.ahead} slots ahead of time`);
  }

  function produce(): void {
    const before = chain.landed().length;
    chain.produceBlock();
    for (const { execution } of chain.landed().slice(before)) {
      sim.count(execution.error ? 'reverted' : 'landed');
      timeline.note('chain', () => {
        const end = execution.error ? `reverts: ${execution.error.text}` : 'lands';
        return `${execution.signature.slice(0, 8)} ${end} in slot ${chain.slot()}`;
      });
    }
    if (chain.landed().length > before) {
      processes.blackOut();
      loseBlocks();
    }
    sim.verify(() => checker.chain.produced());
  }

  /** Confirmed blocks may go, final ones never; what they held is delivered again, or not, in any order. */
  function fork(): void {
    const oldest = chain.history.finalizedAt(chain.slot());
    const keepSlot = oldest + BigInt(chance.below(sim.setup.finalizeAfterSlots));
    const dropped = chain.landed().filter(({ slot }) => slot > keepSlot);
    chain.fork(keepSlot);
    checker.market.note();
    sim.count('fork');
    if (dropped.length > 0) sim.count('fork that dropped a transaction');
    timeline.note('chain', () => {
      const signatures = dropped.map(({ execution }) => execution.signature.slice(0, 8));
      return `a fork drops the blocks after ${keepSlot}: ${signatures.join(', ') || 'nothing landed there'}`;
    });
    replay(
      dropped.map(({ execution }) => network.seen.get(execution.signature)!),
      0.5,
    );
  }

  function replay(all: Iterable<Uint8Array>, probability: number): void {
    for (const bytes of [...all].reverse())
      if (chance.happens(probability)) void chain.chain.nodes[0]!.send(bytes);
  }

  function movePrice(): void {
    const vault = vaultOf(chance.pick(POOLS), chance.pick([SOL, USDC]));
    const moveBps = chance.between(-faults.priceMoveBps, faults.priceMoveBps);
    chain.setBalance(vault, (chain.balanceOf(vault) * BigInt(10_000 + moveBps)) / 10_000n);
    checker.market.note();
  }

  /** From before an order that is final: by that one an engine can tell, as long as nodes keep a history of it. */
  function loseBlocks(): void {
    if (!sim.faults().chainForgets || network.lost !== null || nodes.some(({ firstSlot }) => firstSlot > 0n))
      return;
    const [oldest] = checker.orders.all().flatMap(({ order }) => (order.finalized ? order.slot : null) ?? []);
    if (oldest === undefined) return;
    network.lost = { first: oldest, last: chain.slot() };
    sim.count('chain that forgot');
    timeline.note('chain', () => `the nodes lose what landed from slot ${oldest} to ${chain.slot()}`);
  }

  function purge(): void {
    if (isHealing(sim) || network.lost !== null) return;
    for (const node of nodes) node.firstSlot = chain.slot() - BigInt(chance.below(30));
    timeline.note('chain', () => 'the nodes forget their old blocks');
  }
}
