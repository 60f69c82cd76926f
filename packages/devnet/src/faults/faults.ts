import type { Chain } from '../chain/chain.ts';
import type { WireTransaction } from '../chain/wire-transaction.ts';
import type { Ahead } from './ahead-of-time.ts';
import type { AnswerFault } from './answer-faults.ts';
import { CallFault } from './call-fault.ts';
import { Congestion, type CongestionOrder } from './congestion.ts';
import { NetworkFaults, type NetworkOrders } from './network-faults.ts';
import { type CallFate, NodeFaults, type NodeOrders } from './node-faults.ts';
import { referenceOf, Scenario, type ScenarioOrder } from './scenario.ts';
import type { DrainOrder } from './scenarios.ts';
import type { Selection } from './selector.ts';

/** RPC nodes that answer for the one chain: at `/` and at `/node/2`, each with separate sockets. */
export const NODE_COUNT = 2;
const MAX_SCENARIOS = 10_000;
const MAX_FOR_ALL = 100;

export interface FaultOrders {
  readonly network: NetworkOrders;
  readonly congestion?: CongestionOrder;
  readonly drain?: Selection & DrainOrder;
  readonly node: NodeOrders;
  /** 1 or 2. */
  readonly nodeNumber: number;
}

/** One call of a method or path on a node, and the scenarios of its transactions. */
export interface Call {
  readonly nodeNumber: number;
  readonly method: string;
  readonly scenarios: readonly Scenario[];
}

/**
 * Failures on demand: of the network, of each node, and for single transactions by the scenario that their memo names.
 * Each fault is queried at the point where it acts. No fault survives a restart.
 */
export class Faults {
  readonly congestion = new Congestion();
  private readonly chain: Chain;
  private readonly network = new NetworkFaults();
  private readonly drain = new CallFault();
  private drainOrder: DrainOrder = { percent: 0, restoreAfterSlots: 0 };
  private readonly nodes = Array.from({ length: NODE_COUNT }, () => new NodeFaults());
  private readonly byReference = new Map<string, Scenario>();
  private readonly bySignature = new Map<string, Scenario>();
  private forAll: Scenario[] = [];
  private isArmed = false;
  private readonly forks = new Map<string, Scenario>();

  constructor(chain: Chain) {
    this.chain = chain;
  }

  /** Whether no fault or scenario was ordered since the start or the last `clear`: then nodes answer as they are asked. */
  get isQuiet(): boolean {
    return !this.isArmed;
  }

  arm({ network, congestion, drain, node, nodeNumber }: FaultOrders): void {
    this.isArmed = true;
    this.network.arm(network);
    if (drain) this.drain.arm(drain);
    this.drainOrder = drain ?? this.drainOrder;
    if (congestion) this.congestion.arm(congestion, this.chain.slot);
    this.nodes[nodeNumber - 1]!.arm(node, this.chain.history.tip.height);
    this.keepFormerStates();
  }

  armScenario(order: ScenarioOrder): void {
    this.isArmed = true;
    const scenario = new Scenario(order, this.chain.history.tip.height);
    remember(this.byReference, order.reference, scenario);
    if (scenario.effects.nodeForAll) this.forAll = [...this.forAll.slice(-MAX_FOR_ALL), scenario];
    if (scenario.effects.congestion) this.congestion.arm(scenario.effects.congestion, this.chain.slot);
    this.keepFormerStates();
  }

  /** Ends all faults and scenarios. Lost transactions stay lost; later ones arrive. */
  clear(): void {
    this.isArmed = false;
    this.network.clear();
    this.drain.clear();
    this.congestion.clear();
    for (const node of this.nodes) node.clear();
    this.byReference.clear();
    this.bySignature.clear();
    this.forAll = [];
    this.forks.clear();
    this.keepFormerStates();
  }

  /** Whether transactions must be checked for a scenario. */
  get hasScenarios(): boolean {
    return this.byReference.size > 0;
  }

  /** The scenario of a transaction; from now on its signature is known by it. */
  scenarioOf(transaction: WireTransaction): Scenario | undefined {
    if (!this.hasScenarios) return undefined;
    const scenario = this.byReference.get(referenceOf(transaction) ?? '');
    if (scenario === undefined) return undefined;
    remember(this.bySignature, transaction.signature, scenario);
    if (scenario.effects.forkAfterBlocks) remember(this.forks, transaction.signature, scenario);
    return scenario;
  }

  scenarioOfSignature(signature: string): Scenario | undefined {
    return this.bySignature.get(signature);
  }

  /** Transactions whose block a fork will drop, with the number of blocks that must follow it first. */
  pendingForks(): { signature: string; afterBlocks: number; done: () => void }[] {
    return [...this.forks].map(([signature, { effects, order }]) => ({
      signature,
      afterBlocks: effects.forkAfterBlocks!,
      done: () => {
        for (const [other, scenario] of this.forks) if (scenario.order === order) this.forks.delete(other);
        this.byReference.delete(order.reference); // Only once: the next try is not hit.
      },
    }));
  }

  /** Called for every acknowledged send: after how many slots it arrives, one entry for each arrival. */
  arrivals(transaction: WireTransaction): number[] {
    const scenario = this.scenarioOf(transaction);
    const own = scenario?.network.arrivals(transaction.signature) ?? [0];
    return this.network.arrivals(transaction.signature).flatMap((slots) => own.map((more) => slots + more));
  }

  /** Called for every transaction that is about to swap: how to drain its pools first, or null. */
  drainOf(transaction: WireTransaction): DrainOrder | null {
    const own = this.scenarioOf(transaction)?.takeDrain() ?? null;
    if (own !== null) return own;
    return this.drain.hits('sendTransaction') ? this.drainOrder : null;
  }

  /** Called once per call: the fault of its request, or null for none. */
  fateOf({ nodeNumber, method, scenarios }: Call): CallFate | null {
    if (this.isQuiet) return null;
    const fate = this.nodes[nodeNumber - 1]!.fateOf(method);
    if (fate !== null || nodeNumber > 1) return fate;
    const others = [...scenarios.map(({ node }) => node), ...this.forAll.map(({ nodeForAll }) => nodeForAll)];
    for (const faults of others) {
      const own = faults.fateOf(method);
      if (own !== null) return own;
    }
    return null;
  }

  /** Number of blocks by which the answer to a call is behind. */
  blocksBehind({ nodeNumber, method, scenarios }: Call): number {
    const { height } = this.chain.history.tip;
    const own = nodeNumber === 1 ? scenarios.map(({ node }) => node.blocksBehind(method, height)) : [];
    return Math.max(this.nodes[nodeNumber - 1]!.blocksBehind(method, height), ...own);
  }

  /** How much the answer to a call adds to slots and heights. */
  aheadOf({ nodeNumber, method }: Call): Ahead {
    return this.nodes[nodeNumber - 1]!.aheadOf(method);
  }

  /** How much a notification on a node's socket adds to slots, by its method. */
  socketAheadOf(nodeNumber: number, method: string): Ahead {
    return this.nodes[nodeNumber - 1]!.socketAheadOf(method);
  }

  /** Called once per call, or per body for `otherChain`. */
  mistakes(name: AnswerFault, { nodeNumber, method }: Call): boolean {
    return !this.isQuiet && this.nodes[nodeNumber - 1]!.answers.hits(name, method);
  }

  /** Whether a node denies a landed transaction. */
  forgets(nodeNumber: number, signature: string): boolean {
    if (this.nodes[nodeNumber - 1]!.forgets(signature)) return true;
    return nodeNumber === 1 && this.scenarioOfSignature(signature)?.node.forgets(signature) === true;
  }

  report() {
    return {
      ...this.network.report(),
      congestion: this.congestion.report(this.chain.slot),
      drain: { ...this.drain.report(), ...this.drainOrder },
      nodes: this.nodes.map((node) => node.report()),
      scenarios: [...this.byReference.values()].map(({ order }) => order),
    };
  }

  private keepFormerStates(): void {
    const all = [...this.nodes, ...[...this.byReference.values()].map(({ node }) => node)];
    this.chain.history.keepForLag(Math.max(...all.map(({ mostBlocksBehind }) => mostBlocksBehind)));
  }
}

function remember(map: Map<string, Scenario>, key: string, scenario: Scenario): void {
  if (map.size >= MAX_SCENARIOS && !map.has(key)) map.delete(map.keys().next().value!);
  map.set(key, scenario);
}
