import type { Attempt } from '../../domain/attempt.ts';
import type { Order } from '../../domain/order.ts';
import type { FillRecord } from '../../domain/order-event.ts';
import type { WithRehearsals } from '../building/rehearsals.ts';
import type { Ports } from '../ports.ts';
import { readFill, type ShownFill } from './read-fill.ts';
import { readFinalFill, type ToldBefore } from './read-final-fill.ts';
import { type Decision, setAttempt, writeDecision } from './settle-order.ts';

/** A landed attempt as a node shows it, and its order before that is written. */
export interface Landing {
  readonly order: Order;
  readonly shown: ShownFill;
}

/** The fill of an attempt that landed. Null if it cannot be read yet. */
export async function readLanding(
  ports: Ports,
  attempt: Attempt,
  hint?: Order,
): Promise<Landing | 'alreadyKnown' | null> {
  const order = hint ?? (await ports.orders.get(attempt.orderId));
  if (!order) return 'alreadyKnown';
  const shown = await readFill(ports, { order, attempt });
  return shown && { order, shown };
}

/** The order is confirmed with this fill. */
export function settleLanding(
  ports: Ports & Partial<WithRehearsals>,
  attempt: Attempt,
  { order, shown }: Landing,
): Promise<Decision> {
  ports.rehearsals?.decided(attempt.signature, shown.computeUnits);
  return writeDecision(ports, attempt, 'open', order, () => ({
    events: [{ type: 'order.confirmed', data: shown.fill }],
    attempt: setAttempt(attempt, 'open', 'landed', shown.slot),
    lease: { kind: 'release', wakeAfterMs: 0 },
  }));
}

/** The attempt landed: its fill is read from the transaction, the order is confirmed. Null if it cannot be read yet. */
export async function settleLanded(
  ports: Ports & Partial<WithRehearsals>,
  attempt: Attempt,
  hint?: Order,
): Promise<Decision | null> {
  const landing = await readLanding(ports, attempt, hint);
  return landing === null || landing === 'alreadyKnown' ? landing : settleLanding(ports, attempt, landing);
}

/**
 * The block is final: amounts and fees are read once more and kept for good, with the names of what they correct. Null if they
 * cannot be read yet; `reverted` if the nodes show that the attempt did nothing.
 */
export async function settleFinalized(
  ports: Ports,
  attempt: Attempt,
  hint: { readonly order?: Order | undefined } & ToldBefore = {},
): Promise<Decision | 'reverted' | null> {
  const order = hint.order ?? (await ports.orders.get(attempt.orderId));
  if (!order) return 'alreadyKnown';
  const final = await readFinalFill(ports, { order, attempt }, hint);
  if (final === null || final === 'reverted') return final;
  const confirmed = hint.landing?.fill ?? (await confirmedFill(ports, order));
  const corrects = confirmed ? differences(confirmed, final.fill) : [];
  const decision = await writeDecision(ports, attempt, 'landed', order, () => ({
    events: [{ type: 'order.finalized', data: { ...final.fill, ...(corrects.length > 0 && { corrects }) } }],
    attempt: { ...setAttempt(attempt, 'landed', 'landed', final.slot), finalized: true },
  }));
  if (corrects.length > 0 && decision !== 'alreadyKnown') {
    const { orderId, signature } = attempt;
    const found = { orderId, signature, corrects, confirmed, final: final.fill };
    ports.log.warn(
      { ...found, confirmedBy: hint.landing?.node ?? null, finalBy: final.nodes },
      'fill corrected',
    );
  }
  return decision;
}

/** What the log says of the fill: confirmation is an order's last event until it is final. */
async function confirmedFill(ports: Ports, { request, sequence }: Order): Promise<FillRecord | null> {
  const [last] = await ports.orders.events(request.orderId, sequence - 1, 1);
  return last?.type === 'order.confirmed' ? last.data : null;
}

/** The fields of the fill that a later reading changes. */
function differences(before: FillRecord, after: FillRecord): readonly (keyof FillRecord)[] {
  const fields = Object.keys({ ...before, ...after }) as (keyof FillRecord)[];
  return fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}
