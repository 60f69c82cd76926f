import { CallFault, type CallSelection } from './call-fault.ts';

/**
 * Answers that do not fit their requests.
 *
 * otherChain        the node answers for another chain, with another history that is far ahead; it loses sends
 * wrongId           the answer has another id than its request
 * otherTransaction  getTransaction shows another landed transaction
 */
export const ANSWER_FAULTS = ['otherChain', 'wrongId', 'otherTransaction'] as const;
export type AnswerFault = (typeof ANSWER_FAULTS)[number];
export type AnswerOrders = Readonly<Partial<Record<AnswerFault, CallSelection>>>;

/** The wrong answers of one node. */
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
