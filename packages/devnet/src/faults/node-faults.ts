import { type Ahead, AheadOfTime, type AheadSelection } from './ahead-of-time.ts';
import { AnswerFaults, type AnswerOrders } from './answer-faults.ts';
import { CallFault, type CallSelection } from './call-fault.ts';
import { Lag, type LagSelection } from './lag.ts';
import type { Selection } from './selector.ts';
import { SignatureFault } from './signature-fault.ts';

/** Faults of one RPC node, by the name that the admin API gives them. */
export interface NodeOrders extends AnswerOrders {
  readonly http429?: CallSelection;
  readonly http503?: CallSelection;
  readonly timeout?: CallSelection;
  readonly lostAnswer?: CallSelection;
  readonly garbled?: CallSelection;
  readonly lag?: LagSelection;
  readonly forget?: Selection;
  /** Of answers to calls. */
  readonly ahead?: AheadSelection;
  /** Of notifications of slots and roots on the node's sockets. */
  readonly socketAhead?: AheadSelection;
}

/**
 * The effect of a fault on a request.
 *
 * http429, http503  the node refuses the request with that status and runs nothing
 * timeout           the node neither runs nor answers the request
 * lostAnswer        the node runs the request, and the connection breaks before the answer
 * garbled           the node runs the request, and cuts the answer in half
 */
export const CALL_FAULTS = ['http429', 'http503', 'timeout', 'lostAnswer', 'garbled'] as const;
export type CallFate = (typeof CALL_FAULTS)[number];

/** The faults of one RPC node. */
export class NodeFaults {
  private readonly calls: Readonly<Record<CallFate, CallFault>> = {
    http429: new CallFault(),
    http503: new CallFault(),
    timeout: new CallFault(),
    lostAnswer: new CallFault(),
    garbled: new CallFault(),
  };
  readonly answers = new AnswerFaults();
  private readonly lag = new Lag();
  private readonly forget = new SignatureFault();
  private readonly ahead = new AheadOfTime();
  private readonly socketAhead = new AheadOfTime();

  arm(orders: NodeOrders, tipHeight: number): void {
    for (const name of CALL_FAULTS) if (orders[name]) this.calls[name].arm(orders[name]);
    this.answers.arm(orders);
    if (orders.lag) this.lag.arm(orders.lag, tipHeight);
    if (orders.forget) this.forget.arm(orders.forget);
    if (orders.ahead) this.ahead.arm(orders.ahead);
    if (orders.socketAhead) this.socketAhead.arm(orders.socketAhead);
  }

  clear(): void {
    for (const name of CALL_FAULTS) this.calls[name].clear();
    this.answers.clear();
    this.lag.clear();
    this.forget.clear();
    this.ahead.clear();
    this.socketAhead.clear();
  }

  /** Called once per call of a method or path: the fault of its request, or null for none. */
  fateOf(method: string): CallFate | null {
    return CALL_FAULTS.find((name) => this.calls[name].hits(method)) ?? null;
  }

  get mostBlocksBehind(): number {
    return this.lag.mostBlocks;
  }

  blocksBehind(method: string, tipHeight: number): number {
    return this.lag.blocksBehind(method, tipHeight);
  }

  /** Whether the node denies a landed transaction. */
  forgets(signature: string): boolean {
    return this.forget.hits(signature);
  }

  /** How much the answer to a call adds to slots and heights. */
  aheadOf(method: string): Ahead {
    return this.ahead.of(method);
  }

  /** How much a notification adds to slots, by its method. */
  socketAheadOf(method: string): Ahead {
    return this.socketAhead.of(method);
  }

  report() {
    const calls = CALL_FAULTS.map((name) => [name, this.calls[name].report()] as const);
    return {
      ...Object.fromEntries(calls),
      ...this.answers.report(),
      lag: this.lag.report(),
      forget: this.forget.report(),
      ahead: this.ahead.report(),
      socketAhead: this.socketAhead.report(),
    };
  }
}
