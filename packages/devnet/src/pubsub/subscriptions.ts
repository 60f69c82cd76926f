import type { Block, Commitment } from '../chain/block.ts';
import type { BlockEvent } from '../chain/chain.ts';
import { ChainView } from '../chain/chain-view.ts';
import type { Faults } from '../faults/faults.ts';
import type { DevnetNode } from '../node.ts';
import { type AccountFormat, toAccountInfo } from '../rpc/account-encoding.ts';
import { mintDecimals } from '../rpc/mint-decimals.ts';
import type { Subscriber } from './subscriber.ts';

interface Common {
  readonly id: number;
  readonly subscriber: Subscriber;
}

export type Wish =
  | { readonly kind: 'signature'; readonly signature: string; readonly commitment: Commitment }
  | {
      readonly kind: 'account';
      readonly address: string;
      readonly commitment: Commitment;
      readonly format: AccountFormat;
    }
  | { readonly kind: 'logs'; readonly mentions: string | null; readonly commitment: Commitment }
  | { readonly kind: 'slot' }
  | { readonly kind: 'root' };

type Subscription = Common & { readonly wish: Wish };

/** Who wants to hear of what. Told after each block, when the block is in the journal. */
export class Subscriptions {
  private readonly view: ChainView;
  private readonly faults: Faults;
  private readonly byId = new Map<number, Subscription>();
  private lastId = 0;

  constructor(node: DevnetNode) {
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

  /** Tells at once what has already happened; called after the subscriber knows its id. */
  catchUp(id: number): void {
    const subscription = this.byId.get(id);
    if (subscription?.wish.kind === 'signature') this.tellIfLanded(subscription, subscription.wish);
  }

  /** False where the subscriber has no such subscription. */
  remove(subscriber: Subscriber, id: number, kind: Wish['kind']): boolean {
    const found = this.byId.get(id);
    if (found?.subscriber !== subscriber || found.wish.kind !== kind) return false;
    return this.byId.delete(id);
  }

  removeAll(subscriber: Subscriber): void {
    for (const [id, subscription] of this.byId) {
      if (subscription.subscriber === subscriber) this.byId.delete(id);
    }
  }

  private tellBlock({ block, confirmed, finalized }: BlockEvent): void {
    const blocks = { processed: block, confirmed, finalized };
    for (const subscription of this.byId.values()) {
      const { wish } = subscription;
      switch (wish.kind) {
        case 'slot':
          this.tellSlot(subscription, block, finalized);
          break;
        case 'root':
          this.tellRoot(subscription, finalized);
          break;
        case 'signature':
          this.tellIfLanded(subscription, wish);
          break;
        case 'logs':
          tellLogs(subscription, wish.mentions, blocks[wish.commitment]);
          break;
        case 'account':
          if (blocks[wish.commitment].preImages.has(wish.address)) this.tellAccount(subscription, wish);
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

  private tellRoot({ id, subscriber }: Common, finalized: Block): void {
    const ahead = this.faults.socketAheadOf(subscriber.nodeNumber, 'rootNotification').slots;
    subscriber.notify('rootNotification', id, finalized.slot + ahead);
  }

  private tellAccountsSet(addresses: ReadonlySet<string>): void {
    for (const subscription of this.byId.values()) {
      const { wish } = subscription;
      if (wish.kind === 'account' && addresses.has(wish.address)) this.tellAccount(subscription, wish);
    }
  }

  /** A signature subscription ends with its one notification. */
  private tellIfLanded({ id, subscriber }: Common, wish: Extract<Wish, { kind: 'signature' }>): void {
    const entry = this.view.find(wish.signature, wish.commitment);
    if (entry === undefined) return;
    const { slot } = this.view.at(wish.commitment);
    this.byId.delete(id);
    subscriber.notify('signatureNotification', id, { context: { slot }, value: { err: entry.error } });
  }

  private tellAccount({ id, subscriber }: Common, wish: Extract<Wish, { kind: 'account' }>): void {
    const { slot } = this.view.at(wish.commitment);
    const state = this.view.account(wish.address, wish.commitment) ?? {
      lamports: 0n,
      owner: '11111111111111111111111111111111',
      executable: false,
      data: new Uint8Array(),
    };
    const value = toAccountInfo(state, wish.format, mintDecimals({ view: this.view }, wish.commitment));
    subscriber.notify('accountNotification', id, { context: { slot }, value });
  }
}

function tellLogs({ id, subscriber }: Common, mentions: string | null, block: Block): void {
  for (const { signature, error, logs, accounts } of block.transactions) {
    if (mentions !== null && !accounts.includes(mentions)) continue;
    const value = { signature, err: error, logs };
    subscriber.notify('logsNotification', id, { context: { slot: block.slot }, value });
  }
}
