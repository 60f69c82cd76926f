import type { OrderId } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import { timeAfter } from '../../src/domain/timestamp.ts';
import { isAtOnce, rests } from '../../src/domain/trigger-terms.ts';
import { amendOrder } from '../../src/execution/amend-order.ts';
import { type CancelResult, cancelOrder } from '../../src/execution/cancel-order.ts';
import { type SubmitRequest, type SubmitResult, submitOrder } from '../../src/execution/submit-order.ts';
import { submitRequest } from '../support/world.ts';
import { isEnd } from './ends.ts';
import type { Processes } from './processes.ts';
import { drawAmendment, drawTerms } from './resting-terms.ts';
import type { Simulated } from './simulated.ts';
import { EPOCH_MS } from './simulated-time.ts';
import { followAccount, followOrder } from './stream-client.ts';
import { hold } from './violation.ts';

/** What users do: submit, submit again when no answer came, cancel, watch. */
export interface Clients {
  /** True when every client has what it wanted. */
  areDone(): boolean;
  /** How many were told that their order's time was over before it was accepted. */
  tooLate(): number;
}

/** How long a client waits for an answer before it asks again, perhaps another process. */
const ANSWER_MS = 5_000;

/** How long after the world healed, and how often, clients look whether their resting orders are of any use. */
const SETTLED_MS = 2_000;
const LOOK_MS = 4_000;

const isSubset = (part: object, whole: object): boolean =>
  Object.entries(part).every(([key, value]) => (whole as Record<string, unknown>)[key] === value);

export function runClients(sim: Simulated, processes: Processes): Clients {
  const { chance, scheduler, timeline, checker, setup } = sim;
  const { orders, cancels, streams } = setup.clients;
  const idOfKey = new Map<string, OrderId>();
  const late = new Set<string>();
  /** Also for an answer that comes when the world has healed. */
  const clocksWereSet = sim.faults().clockSetEveryMs > 0;
  let waiting = 0;

  for (let number = 1; number <= orders; number += 1) {
    const client = `client ${number}`;
    const request = drawRequest(client);
    scheduler.after(sim.setup.safetyMs * 0.5 * chance.fraction() ** 2, () => submit(client, request));
  }
  const account = setup.clients.watchesAccount
    ? followAccount(sim, processes, submitRequest().accountId)
    : { hasEverything: () => true };
  return { areDone: () => waiting === 0 && account.hasEverything(), tooLate: () => late.size };

  function drawRequest(client: string): SubmitRequest {
    const isSale = chance.happens(0.6);
    const swapMode = chance.happens(0.7) ? 'exactIn' : 'exactOut';
    const isSolFixed = isSale === (swapMode === 'exactIn');
    // Often the same, so that swaps of one shape repeat and are no longer rehearsed.
    const size = chance.happens(0.4) ? 40 : chance.between(1, 400);
    const hasLimit = chance.happens(0.15);
    const limit = String(isSale === (swapMode === 'exactOut') ? size : size * 150);
    const mayBePartial = swapMode === 'exactIn' && chance.happens(0.3);
    const clocksAreRight = sim.faults().clockSkewMs + sim.faults().clockSetEveryMs === 0;
    const terms: Partial<SubmitRequest> | null =
      setup.clients.rest && chance.happens(0.5)
        ? drawTerms(chance, { isSale, mayWait: clocksAreRight, safetyMs: setup.safetyMs })
        : null;
    const isPartial = mayBePartial && terms?.timeInForce !== 'fok';
    const isPriced = terms?.trigger?.limitPrice !== undefined;
    return submitRequest({
      tokenIn: isSale ? 'SOL' : 'USDC',
      tokenOut: isSale ? 'USDC' : 'SOL',
      swapMode: isPartial ? 'partialFill' : swapMode,
      // What one pool fills in part moves the price by less; the whole of a large order, over both pools, by more.
      ...(isPartial && { maxPriceImpactBps: 25 }),
      amount: String(isSolFixed ? size : size * 150),
      slippageBps: chance.pick([0, 10, 50, 300]),
      minAmountOut: hasLimit && !isPriced && swapMode === 'exactIn' ? limit : null,
      maxAmountIn: hasLimit && !isPriced && swapMode === 'exactOut' ? limit : null,
      idempotencyKey: client,
      clientOrderId: chance.happens(0.3) ? client : null,
      fingerprint: client,
      executionGuard: chance.happens(0.5) ? 'strict' : 'protocol',
      // A process whose clock is ahead would refuse what has expired there.
      ...(!terms &&
        clocksAreRight &&
        chance.happens(0.3) && {
          expiresAtMs: timeAfter(EPOCH_MS, sim.setup.safetyMs + chance.between(0, 5_000)),
        }),
      rehearse: chance.happens(0.2) ? 'always' : 'auto',
      ...(!terms && chance.happens(0.2) && { holdMs: chance.between(500, 8_000) }),
      ...terms,
    });
  }

  /** Until an answer comes, with the same key each time; once answered, it is asked again for the same order. */
  function submit(client: string, request: SubmitRequest): void {
    persist(
      client,
      'submit',
      (engine) => submitOrder(engine, request),
      (result) => {
        const orderId = acceptedId(client, result);
        if (orderId === undefined) return;
        checkRequest(client, request, orderId);
        sim.count('accepted');
        if (chance.happens(0.3)) resubmit(client, request);
        if (rests(request)) {
          if (request.trigger && !isAtOnce(request.timeInForce) && chance.happens(0.4))
            scheduler.after(6_000 * chance.fraction(), () => amend(client, orderId, request));
          cancelInVain(client, orderId);
        }
        for (let stream = 0; stream < chance.below(streams + 1); stream += 1) {
          const after = chance.happens(0.7) ? 0 : 1;
          waiting += 1;
          scheduler.after(chance.pick([0, 500, 5_000]) * chance.fraction(), () =>
            followOrder(sim, processes, { name: `${client}`, orderId, after }, () => {
              waiting -= 1;
            }),
          );
        }
        if (clocksWereSet && request.holdMs)
          scheduler.after(setup.safetyMs - scheduler.nowMs(), () => cancelUntilAnswered(client, orderId));
        for (let cancel = 0; cancel < cancels; cancel += 1)
          if (chance.happens(0.5))
            scheduler.after(chance.pick([50, 500, 4_000, 15_000]) * chance.fraction(), () =>
              cancelUntilAnswered(client, orderId),
            );
      },
    );
  }

  /** What is stored is what was asked for; whole numbers of tokens, so that no parser of the engine's is needed to tell. */
  function checkRequest(
    client: string,
    { amount, tokenIn, tokenOut, ...asked }: SubmitRequest,
    orderId: OrderId,
  ): void {
    const stored = checker.orders.known(orderId)?.order.request;
    const unitsOf = (text: string | null | undefined, token: string): bigint | null =>
      text ? BigInt(text) * (token === 'SOL' ? 1_000_000_000n : 1_000_000n) : null;
    const fixed = asked.swapMode === 'exactOut' ? tokenOut : tokenIn;
    hold(
      stored?.amount === unitsOf(amount, fixed) &&
        stored.tokenIn.symbol === tokenIn &&
        stored.tokenOut.symbol === tokenOut &&
        (asked.trigger?.limitPrice !== undefined ||
          (stored.minAmountOut === unitsOf(asked.minAmountOut, tokenOut) &&
            stored.maxAmountIn === unitsOf(asked.maxAmountIn, tokenIn))),
      'I14',
      () => `${client} asked for ${amount} of ${fixed} and has an order over ${stored?.amount}`,
    );
  }

  /** Another price; what the client is told of it is in the log. */
  function amend(client: string, orderId: OrderId, request: SubmitRequest): void {
    const amendment = drawAmendment(chance, request);
    timeline.note(client, () => `amends ${orderId} to ${JSON.stringify(amendment)}`);
    persist(
      client,
      'amend',
      (engine) => amendOrder(engine, orderId, amendment),
      (result) => {
        sim.count(`amend: ${result.outcome}`);
        const events = checker.orders.known(orderId)?.events ?? [];
        const isTrue =
          result.outcome === 'notOpen' ||
          (result.outcome === 'refused' && 'stopPrice' in amendment && events.some(isFiredStop)) ||
          (result.outcome === 'amended' &&
            events.some(({ type, data }) => type === 'order.amended' && isSubset(amendment, data)));
        hold(isTrue, 'I6', () => `${client} was told ${result.outcome}, and ${orderId} is not amended`);
      },
    );
  }

  /** In the healed world: an order whose condition does not hold, or that has fired since, is canceled. Any other must end by itself. */
  function cancelInVain(client: string, orderId: OrderId): void {
    const look = (): void => {
      const known = checker.orders.known(orderId);
      if (!known || isEnd(known.order.status)) return;
      const { order } = known;
      const firings = order.resting?.firings ?? 0;
      firedBefore ??= firings;
      if (order.status === 'open' && (firings > firedBefore || !checker.triggers.holdsNow(order)))
        cancelUntilAnswered(client, orderId);
      else scheduler.after(LOOK_MS, look);
    };
    let firedBefore: number | undefined;
    scheduler.after(setup.safetyMs + SETTLED_MS - scheduler.nowMs(), look);
  }

  function resubmit(client: string, request: SubmitRequest): void {
    const isOther = chance.happens(0.3);
    const again = isOther ? { ...request, amount: '7', fingerprint: `${client}, another body` } : request;
    persist(
      client,
      'submit again',
      (engine) => submitOrder(engine, again),
      (result) =>
        isOther
          ? hold(result.outcome === 'conflict', 'I9', () => `${client}: another body was ${result.outcome}`)
          : acceptedId(client, result),
    );
  }

  /** I9: all answers to one key name one order. */
  function acceptedId(client: string, result: SubmitResult): OrderId | undefined {
    timeline.note(client, () => `is told ${result.outcome}`);
    if (isTooLate(client, result)) return undefined;
    hold('order' in result, 'I9', () => `${client} was told ${JSON.stringify(result)}`);
    const { orderId } = result.order.request;
    const before = idOfKey.get(client);
    hold(before === undefined || before === orderId, 'I9', () => `${client} has ${before} and ${orderId}`);
    hold(checker.orders.known(orderId) !== undefined, 'I5', () => `${orderId} is accepted and not stored`);
    idOfKey.set(client, orderId);
    return before === undefined ? orderId : undefined;
  }

  /** A client that was never answered before its order's time was over is refused, and rightly so. */
  function isTooLate(client: string, result: SubmitResult): boolean {
    const isOver = result.outcome === 'refused' && result.code === 'already_expired';
    // The draw of `expiresAtMs` begins here.
    const mayBe = isOver && scheduler.nowMs() >= setup.safetyMs && !idOfKey.has(client);
    if (mayBe) late.add(client);
    return mayBe;
  }

  function cancelUntilAnswered(client: string, orderId: OrderId): void {
    timeline.note(client, () => `cancels ${orderId}`);
    persist(
      client,
      'cancel',
      (engine) => cancelOrder(engine, orderId),
      (result) => checkCancel(client, orderId, result),
    );
  }

  /** What a cancel was told is true and stays true. */
  function checkCancel(client: string, orderId: OrderId, { outcome }: CancelResult): void {
    timeline.note(client, () => `is told that ${orderId} is ${outcome}`);
    sim.count(`cancel: ${outcome}`);
    const order = checker.orders.known(orderId)?.order;
    const isTrue =
      (outcome === 'canceled' && order?.status === 'canceled') ||
      (outcome === 'requested' && order?.cancelRequested === true) ||
      (outcome === 'over' && order !== undefined && (isEnd(order.status) || order.reorged));
    hold(isTrue, 'I6', () => `${client} was told ${outcome}, order ${orderId} is ${order?.status}`);
  }

  /** Asks some process, and again after an error or without an answer, until there is one. */
  function persist<T>(
    client: string,
    what: string,
    ask: (engine: ReturnType<Processes['alive']>[number]['engine']) => Promise<T>,
    answered: (value: T) => void,
  ): void {
    waiting += 1;
    let isOver = false;
    const end = (value: T): void => {
      if (isOver) return;
      isOver = true;
      waiting -= 1;
      sim.verify(() => answered(value));
    };
    const attempt = (): void => {
      if (isOver) return;
      const all = processes.alive();
      if (all.length === 0) {
        scheduler.after(500, attempt);
        return;
      }
      let isAnswered = false;
      const again = (error: unknown): void => {
        if (isAnswered) return;
        isAnswered = true;
        timeline.note(client, () => `${what}: ${error instanceof Error ? error.message : 'no answer'}`);
        scheduler.after(chance.between(1, 1_000), attempt);
      };
      ask(chance.pick(all).engine).then(end, again);
      scheduler.after(ANSWER_MS, () => {
        if (!isOver) again(undefined);
      });
    };
    attempt();
  }
}

/** The stop of a stopLimit, which can be amended no more. */
const isFiredStop = ({ type, data }: OrderEvent): boolean =>
  type === 'order.triggered' && !('firing' in data);
