import type { Block } from '../chain/block.ts';
import type { BlockEvent } from '../chain/chain.ts';
import { ChainView } from '../chain/chain-view.ts';
import { NO_ACCOUNT } from '../chain/vm.ts';
import type { Faults } from '../faults/faults.ts';
import type { DevnetNode } from '../node.ts';
import { toAccountInfo } from '../rpc/account-encoding.ts';
import { mintScale } from '../rpc/mint-scale.ts';
import { toBlockUpdate } from './block-update.ts';
import { slotUpdatesOf } from './slot-updates.ts';
import type { Subscriber } from './subscriber.ts';
import type { Wish } from './wishes.ts';

interface Common {
  readonly id: number;
  readonly subscriber: Subscriber;
}

type Subscription = Common & { readonly wish: Wish };
type Wanted<K extends Wish['kind']> = Extract<Wish, { kind: K }>;

/** The subscriptions of all sockets. Notifications follow each block once the block is in the journal. */
export class Subscriptions {
  private readonly view: ChainView;
  private readonly faults: Faults;
  private readonly byId = new Map<number, Subscription>();
  /** Signature subscriptions whose receipt notification was sent. */
  private readonly received = new Set<number>();
  private readonly node: DevnetNode;
  private lastId = 0;

  constructor(node: DevnetNode) {
    this.node = node;
    this.view = new ChainView(node.chain, node.ledger.history);
    this.faults = node.faults;
    node.chain.onBlock((event) => this.tellBlock(event));
    node.chain.onAccountsSet((addresses) => this.tellAccountsSet(new Set(addresses)));
  }

  add(subscriber: Subscriber, wish: Wish): number {
    this.lastId += 1;
    this.byId.set(this.lastId, { id: this.lastId, subscriber, wish });
    return this.lastId;
  }

  /** Notifies at once of past events; called after the subscriber knows the subscription's id. */
  catchUp(id: number): void {
    const subscription = this.byId.get(id);
    if (subscription?.wish.kind === 'signature') this.tellIfLanded(subscription, subscription.wish);
  }

  /** False where the subscriber has no such subscription. */
  remove(subscriber: Subscriber, id: number, kind: Wish['kind']): boolean {
    const found = this.byId.get(id);
    if (found?.subscriber !== subscriber || found.wish.kind !== kind) return false;
    return this.forget(id);
  }

  removeAll(subscriber: Subscriber): void {
    for (const [id, subscription] of this.byId) {
      if (subscription.subscriber === subscriber) this.forget(id);
    }
  }

  private forget(id: number): boolean {
    this.received.delete(id);
    return this.byId.delete(id);
  }

  private tellBlock({ block, confirmed, finalized }: BlockEvent): void {
    const blocks = { processed: block, confirmed, finalized };
    for (const subscription of this.byId.values()) {
      const { wish } = subscription;
      switch (wish.kind) {
        case 'slot':
          this.tellSlot(subscription, block, finalized);
          break;
        case 'slotsUpdates':
          this.tellSlotUpdates(subscription, { block, confirmed, finalized });
          break;
        case 'root':
          this.tellRoot(subscription, finalized);
          break;
        case 'block':
          this.tellWholeBlock(subscription, wish, blocks[wish.commitment]);
          break;
        case 'signature':
          this.tellIfReceived(subscription, wish);
          this.tellIfLanded(subscription, wish);
          break;
        case 'logs':
          tellLogs(subscription, wish.mentions, blocks[wish.commitment]);
          break;
        case 'account':
          if (blocks[wish.commitment].preImages.has(wish.address)) this.tellAccount(subscription, wish);
          break;
        case 'program':
          this.tellProgramAccounts(subscription, wish, blocks[wish.commitment].preImages.keys());
          break;
      }
    }
  }

  private tellSlot({ id, subscriber }: Common, block: Block, finalized: Block): void {
    const ahead = this.faults.socketAheadOf(subscriber.nodeNumber, 'slotNotification').slots;
    subscriber.notify('slotNotification', id, {
      slot: block.slot + ahead,
      parent: block.parentSlot + ahead,
      root: finalized.slot + ahead,
    });
  }

  private tellSlotUpdates({ id, subscriber }: Common, event: BlockEvent): void {
    const method = 'slotsUpdatesNotification';
    const ahead = this.faults.socketAheadOf(subscriber.nodeNumber, method).slots;
    for (const update of slotUpdatesOf(event, ahead)) subscriber.notify(method, id, update);
  }

  private tellRoot({ id, subscriber }: Common, finalized: Block): void {
    const ahead = this.faults.socketAheadOf(subscriber.nodeNumber, 'rootNotification').slots;
    subscriber.notify('rootNotification', id, finalized.slot + ahead);
  }

  private tellAccountsSet(addresses: ReadonlySet<string>): void {
    for (const subscription of this.byId.values()) {
      const { wish } = subscription;
      if (wish.kind === 'account' && addresses.has(wish.address)) this.tellAccount(subscription, wish);
      if (wish.kind === 'program') this.tellProgramAccounts(subscription, wish, addresses);
    }
  }

  private tellWholeBlock({ id, subscriber }: Common, wish: Wanted<'block'>, block: Block): void {
    const value = toBlockUpdate(this.node, block, wish);
    if (value !== null) subscriber.notify('blockNotification', id, { context: { slot: block.slot }, value });
  }

  private tellIfReceived({ id, subscriber }: Common, wish: Wanted<'signature'>): void {
    if (!wish.isReceiptWanted || this.received.has(id)) return;
    const entry = this.view.find(wish.signature);
    if (entry === undefined) return;
    this.received.add(id);
    const value = 'receivedSignature';
    subscriber.notify('signatureNotification', id, { context: { slot: entry.slot }, value });
  }

  /** A signature subscription ends with its one notification. */
  private tellIfLanded({ id, subscriber }: Common, wish: Wanted<'signature'>): void {
    const entry = this.view.find(wish.signature, wish.commitment);
    if (entry === undefined) return;
    const { slot } = this.view.at(wish.commitment);
    this.forget(id);
    subscriber.notify('signatureNotification', id, { context: { slot }, value: { err: entry.error } });
  }

  private tellAccount({ id, subscriber }: Common, wish: Wanted<'account'>): void {
    const { slot } = this.view.at(wish.commitment);
    const state = this.view.account(wish.address, wish.commitment) ?? NO_ACCOUNT;
    const value = toAccountInfo(state, wish.format, mintScale({ view: this.view }, wish.commitment));
    subscriber.notify('accountNotification', id, { context: { slot }, value });
  }

  /** Accounts that a program no longer owns are not reported, as on Agave. */
  private tellProgramAccounts(
    { id, subscriber }: Common,
    { program, commitment, format, filters }: Wanted<'program'>,
    changed: Iterable<string>,
  ): void {
    const { slot } = this.view.at(commitment);
    const scaleOf = mintScale({ view: this.view }, commitment);
    for (const pubkey of changed) {
      const state = this.view.account(pubkey, commitment);
      if (state?.owner !== program || !filters.every((passes) => passes(state))) continue;
      const account = toAccountInfo(state, format, scaleOf);
      subscriber.notify('programNotification', id, { context: { slot }, value: { pubkey, account } });
    }
  }
}

function tellLogs({ id, subscriber }: Common, mentions: string | null, block: Block): void {
  for (const { signature, error, logs, accounts } of block.transactions) {
    if (mentions !== null && !accounts.includes(mentions)) continue;
    const value = { signature, err: error, logs };
    subscriber.notify('logsNotification', id, { context: { slot: block.slot }, value });
  }
}
