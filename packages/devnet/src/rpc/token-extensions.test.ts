import { addressText } from '@oee/solana';
import { expect, test } from 'vitest';
import { parseExtensions } from './token-extensions.ts';

const KEY = Buffer.alloc(32, 7);
const ADDRESS = addressText(KEY);
const NONE = Buffer.alloc(32);

const number = (bytes: number, value: number | bigint) => {
  const data = Buffer.alloc(bytes);
  for (let index = 0, rest = BigInt.asUintN(bytes * 8, BigInt(value)); index < bytes; index += 1, rest >>= 8n)
    data[index] = Number(rest & 255n);
  return data;
};
const u8 = (value: number) => number(1, value);
const u16 = (value: number) => number(2, value);
const u64 = (value: number | bigint) => number(8, value);
const text = (value: string) => Buffer.concat([number(4, value.length), Buffer.from(value)]);
const double = (value: number) => {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return data;
};

/** An account of Token-2022 with these extensions, each as number and content. */
function account(...extensions: [number, ...Buffer[]][]): Buffer {
  const parts = extensions.map(([kind, ...content]) => {
    const bytes = Buffer.concat(content);
    return Buffer.concat([u16(kind), u16(bytes.length), bytes]);
  });
  return Buffer.concat([Buffer.alloc(165), u8(1), ...parts]);
}

test.each<[string, [number, ...Buffer[]], unknown]>([
  [
    'transferFeeConfig',
    [1, KEY, NONE, u64(5), u64(1), u64(2n ** 64n - 1n), u16(50), u64(2), u64(9), u16(100)],
    {
      transferFeeConfigAuthority: ADDRESS,
      withdrawWithheldAuthority: null,
      withheldAmount: 5n,
      olderTransferFee: { epoch: 1n, maximumFee: 2n ** 64n - 1n, transferFeeBasisPoints: 50 },
      newerTransferFee: { epoch: 2n, maximumFee: 9n, transferFeeBasisPoints: 100 },
    },
  ],
  ['transferFeeAmount', [2, u64(3)], { withheldAmount: 3n }],
  ['mintCloseAuthority', [3, KEY], { closeAuthority: ADDRESS }],
  [
    'confidentialTransferMint',
    [4, KEY, u8(1), KEY],
    { authority: ADDRESS, autoApproveNewAccounts: true, auditorElgamalPubkey: KEY.toString('base64') },
  ],
  [
    'confidentialTransferAccount',
    [
      5,
      u8(1),
      KEY,
      Buffer.alloc(64),
      Buffer.alloc(64),
      Buffer.alloc(64),
      Buffer.alloc(36),
      u8(1),
      u8(0),
    ].concat([1, 2, 3, 4].map(u64)) as [number, ...Buffer[]],
    {
      approved: true,
      elgamalPubkey: KEY.toString('base64'),
      pendingBalanceLo: Buffer.alloc(64).toString('base64'),
      pendingBalanceHi: Buffer.alloc(64).toString('base64'),
      availableBalance: Buffer.alloc(64).toString('base64'),
      decryptableAvailableBalance: Buffer.alloc(36).toString('base64'),
      allowConfidentialCredits: true,
      allowNonConfidentialCredits: false,
      pendingBalanceCreditCounter: 1n,
      maximumPendingBalanceCreditCounter: 2n,
      expectedPendingBalanceCreditCounter: 3n,
      actualPendingBalanceCreditCounter: 4n,
    },
  ],
  ['defaultAccountState', [6, u8(2)], { accountState: 'frozen' }],
  ['immutableOwner', [7], undefined],
  ['memoTransfer', [8, u8(1)], { requireIncomingTransferMemos: true }],
  ['nonTransferable', [9], undefined],
  [
    'interestBearingConfig',
    [10, KEY, u64(-1), u16(-2), u64(7), u16(300)],
    {
      rateAuthority: ADDRESS,
      initializationTimestamp: -1n,
      preUpdateAverageRate: -2,
      lastUpdateTimestamp: 7n,
      currentRate: 300,
    },
  ],
  ['cpiGuard', [11, u8(0)], { lockCpi: false }],
  ['permanentDelegate', [12, NONE], { delegate: null }],
  ['nonTransferableAccount', [13], undefined],
  ['transferHook', [14, KEY, NONE], { authority: ADDRESS, programId: null }],
  ['transferHookAccount', [15, u8(0)], { transferring: false }],
  [
    'confidentialTransferFeeConfig',
    [16, KEY, NONE, u8(1), Buffer.alloc(64)],
    {
      authority: ADDRESS,
      withdrawWithheldAuthorityElgamalPubkey: null,
      harvestToMintEnabled: true,
      withheldAmount: Buffer.alloc(64).toString('base64'),
    },
  ],
  [
    'confidentialTransferFeeAmount',
    [17, Buffer.alloc(64)],
    { withheldAmount: Buffer.alloc(64).toString('base64') },
  ],
  ['metadataPointer', [18, KEY, KEY], { authority: ADDRESS, metadataAddress: ADDRESS }],
  [
    'tokenMetadata',
    [19, NONE, KEY, text('Name'), text('SYM'), text(''), number(4, 1), text('a'), text('b')],
    {
      updateAuthority: null,
      mint: ADDRESS,
      name: 'Name',
      symbol: 'SYM',
      uri: '',
      additionalMetadata: [['a', 'b']],
    },
  ],
  ['groupPointer', [20, KEY, NONE], { authority: ADDRESS, groupAddress: null }],
  [
    'tokenGroup',
    [21, KEY, KEY, u64(1), u64(9)],
    { updateAuthority: ADDRESS, mint: ADDRESS, size: 1n, maxSize: 9n },
  ],
  ['groupMemberPointer', [22, KEY, NONE], { authority: ADDRESS, memberAddress: null }],
  ['tokenGroupMember', [23, KEY, KEY, u64(4)], { mint: ADDRESS, group: ADDRESS, memberNumber: 4n }],
  [
    'confidentialMintBurn',
    [24, Buffer.alloc(64), Buffer.alloc(36), KEY, Buffer.alloc(64)],
    {
      confidentialSupply: Buffer.alloc(64).toString('base64'),
      decryptableSupply: Buffer.alloc(36).toString('base64'),
      supplyElgamalPubkey: KEY.toString('base64'),
      pendingBurn: Buffer.alloc(64).toString('base64'),
    },
  ],
  [
    'scaledUiAmountConfig',
    [25, KEY, double(1), u64(12), double(1.5)],
    { authority: ADDRESS, multiplier: '1', newMultiplierEffectiveTimestamp: 12n, newMultiplier: '1.5' },
  ],
  ['pausableConfig', [26, KEY, u8(1)], { authority: ADDRESS, paused: true }],
  ['pausableAccount', [27], undefined],
])('reads %s', (extension, written, state) => {
  const expected = state === undefined ? { extension } : { extension, state };
  expect(parseExtensions(account([7], written))).toEqual([{ extension: 'immutableOwner' }, expected]);
});

test('lists no extension of an account that has none or an unknown one', () => {
  expect(parseExtensions(Buffer.alloc(165))).toBeUndefined();
  expect(parseExtensions(account([0]))).toBeUndefined();
  expect(parseExtensions(account([7], [999, KEY]))).toBeUndefined();
});

test('lists an extension with malformed content as unparseable', () => {
  const unparseable = [{ extension: 'unparseableExtension' }];
  expect(parseExtensions(account([2, u16(3)]))).toEqual(unparseable);
  expect(parseExtensions(account([2, u64(3), u8(1)]))).toEqual(unparseable);
  expect(parseExtensions(account([19, NONE, KEY, number(4, 2 ** 32 - 1)]))).toEqual(unparseable);
});
