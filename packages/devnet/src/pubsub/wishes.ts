import type { Commitment } from '../chain/block.ts';
import { type AccountFormat, accountFormatOf } from '../rpc/account-encoding.ts';
import { type AccountFilter, toAccountFilters } from '../rpc/account-filters.ts';
import { type BlockFormat, blockFormatOf } from '../rpc/block-encoding.ts';
import {
  addressParam,
  type Config,
  commitmentAboveProcessed,
  commitmentOf,
  configParam,
  listParam,
  type Params,
  signatureParam,
  toAddress,
} from '../rpc/params.ts';
import { invalidParams } from '../rpc/rpc-error.ts';

/** The subject of a subscription. */
export type Wish =
  | {
      readonly kind: 'signature';
      readonly signature: string;
      readonly commitment: Commitment;
      /** Whether the subscriber also wants a notification when a node first sees the transaction in a block. */
      readonly isReceiptWanted: boolean;
    }
  | {
      readonly kind: 'account';
      readonly address: string;
      readonly commitment: Commitment;
      readonly format: AccountFormat;
    }
  | {
      readonly kind: 'program';
      readonly program: string;
      readonly commitment: Commitment;
      readonly format: AccountFormat;
      readonly filters: readonly AccountFilter[];
    }
  | { readonly kind: 'logs'; readonly mentions: string | null; readonly commitment: Commitment }
  | {
      readonly kind: 'block';
      /** The account that a transaction must name to be shown; null for all. */
      readonly mentions: string | null;
      readonly commitment: Commitment;
      readonly format: BlockFormat;
    }
  | { readonly kind: 'slot' }
  | { readonly kind: 'slotsUpdates' }
  | { readonly kind: 'root' };

/** The subscriptions of Agave that are served. docs/devnet.md lists them. */
export const WISHES: Readonly<Record<string, (params: Params) => Wish>> = {
  signatureSubscribe(params) {
    const config = configParam(params, 1);
    return {
      kind: 'signature',
      signature: signatureParam(params[0]),
      commitment: commitmentOf(config),
      isReceiptWanted: config.enableReceivedNotification === true,
    };
  },
  accountSubscribe(params) {
    const config = configParam(params, 1);
    return {
      kind: 'account',
      address: addressParam(params, 0),
      commitment: commitmentOf(config),
      format: accountFormatOf(config, 'binary'),
    };
  },
  programSubscribe(params) {
    const config = configParam(params, 1);
    return {
      kind: 'program',
      program: addressParam(params, 0),
      commitment: commitmentOf(config),
      format: accountFormatOf(config, 'binary'),
      filters: toAccountFilters(config.filters),
    };
  },
  logsSubscribe: (params) => ({
    kind: 'logs',
    mentions: loggedMentionOf(params[0]),
    commitment: commitmentOf(configParam(params, 1)),
  }),
  blockSubscribe(params) {
    const config = configParam(params, 1);
    return {
      kind: 'block',
      mentions: blockMentionOf(params[0]),
      commitment: commitmentAboveProcessed(config),
      // Unlike getBlock, it shows no rewards and base64 unless asked otherwise.
      format: blockFormatOf({ encoding: 'base64', showRewards: false, ...config }, 'showRewards'),
    };
  },
  slotSubscribe: () => ({ kind: 'slot' }),
  slotsUpdatesSubscribe: () => ({ kind: 'slotsUpdates' }),
  rootSubscribe: () => ({ kind: 'root' }),
};

/** The kind of subscription by the method that ends it. */
export const UNSUBSCRIBES: Readonly<Record<string, Wish['kind']>> = {
  signatureUnsubscribe: 'signature',
  accountUnsubscribe: 'account',
  programUnsubscribe: 'program',
  logsUnsubscribe: 'logs',
  blockUnsubscribe: 'block',
  slotUnsubscribe: 'slot',
  slotsUpdatesUnsubscribe: 'slotsUpdates',
  rootUnsubscribe: 'root',
};

function loggedMentionOf(filter: unknown): string | null {
  if (filter === 'all' || filter === 'allWithVotes') return null;
  const { mentions } = (filter ?? {}) as Config;
  const list = listParam([mentions], 0, 1);
  if (list.length !== 1) throw invalidParams('Invalid Request: Only 1 address supported');
  return toAddress(list[0], 'mentions');
}

function blockMentionOf(filter: unknown): string | null {
  if (filter === 'all') return null;
  return toAddress(((filter ?? {}) as Config).mentionsAccountOrProgram, 'mentionsAccountOrProgram');
}
