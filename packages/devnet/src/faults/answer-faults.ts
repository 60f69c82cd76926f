import { CallFault, type CallSelection } from './call-fault.ts';

/**
 * Answers that are not what was asked for.
 *
 * otherChain        the node answers for another chain, with a history of its own that is far ahead; sends are lost there
 * wrongId           the answer has another id than its question
 * otherTransaction  getTransaction shows another transaction that landed
 */
export const ANSWER_FAULTS = ['otherChain', 'wrongId', 'otherTransaction'] as const;
export type AnswerFault = (typeof ANSWER_FAULTS)[number];
export type AnswerOrders = Readonly<Partial<Record<AnswerFault, CallSelection>>>;

/** How one node mistakes what it is asked. */
export class AnswerFaults {
  private readonly calls: Readonly<Record<AnswerFault, CallFault>> = {
    otherChain: new CallFault(),
    wrongId: new CallFault(),
    otherTransaction: new CallFault(),
  };

  arm(orders: AnswerOrders): void {
    for (const name of ANSWER_FAULTS) if (orders[name]) this.calls[name].arm(orders[name]);
  }

  clear(): void {
    for (const name of ANSWER_FAULTS) this.calls[name].clear();
  }

  hits(name: AnswerFault, method: string): boolean {
    return this.calls[name].hits(method);
  }

  report() {
    return Object.fromEntries(ANSWER_FAULTS.map((name) => [name, this.calls[name].report()]));
  }
}
