import { addressText } from '@oee/solana';

/** Offset of the extensions of a Token-2022 account: after the account, padded to one size, and its kind. */
const EXTENSIONS_AT = 166;
const HEADER_BYTES = 4;
const TEXT = new TextDecoder('utf-8', { fatal: true });

/** Lengths of the extensions that are read separately: interest, and a scaled amount. */
const CONTENT_BYTES: Readonly<Record<number, number>> = { 10: 52, 25: 56 };

/** Reads the fields of one extension, one after another. */
class Fields {
  private readonly data: Buffer;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  get isRead(): boolean {
    return this.at === this.data.length;
  }

  take(length: number): Buffer {
    if (this.at + length > this.data.length) throw new RangeError('the extension is too short');
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  readonly address = (): string => addressText(this.take(32));
  readonly optionalAddress = (): string | null => this.optional(addressText);
  readonly u8 = (): number => this.take(1)[0]!;
  readonly flag = (): boolean => this.u8() !== 0;
  readonly u16 = (): number => this.take(2).readUInt16LE();
  readonly i16 = (): number => this.take(2).readInt16LE();
  readonly u64 = (): bigint => this.take(8).readBigUInt64LE();
  readonly i64 = (): bigint => this.take(8).readBigInt64LE();
  readonly f64 = (): string => String(this.take(8).readDoubleLE());
  /** Keys and sums of the confidential extensions, which are shown as base64. */
  readonly base64 = (length: number): string => this.take(length).toString('base64');
  readonly optionalBase64 = (): string | null => this.optional((key) => key.toString('base64'));
  readonly text = (): string => TEXT.decode(this.take(this.take(4).readUInt32LE()));
  readonly pairs = (): [string, string][] =>
    Array.from({ length: this.take(4).readUInt32LE() }, () => [this.text(), this.text()]);

  private optional<T>(read: (key: Buffer) => T): T | null {
    const key = this.take(32);
    return key.every((byte) => byte === 0) ? null : read(key);
  }
}

type Read = (fields: Fields) => unknown;
type Extension = readonly [name: string, state?: Record<string, Read>];

const address: Read = (fields) => fields.address();
const optionalAddress: Read = (fields) => fields.optionalAddress();
const flag: Read = (fields) => fields.flag();
const u64: Read = (fields) => fields.u64();
const i64: Read = (fields) => fields.i64();
const i16: Read = (fields) => fields.i16();
const f64: Read = (fields) => fields.f64();
const text: Read = (fields) => fields.text();
const base64 =
  (length: number): Read =>
  (fields) =>
    fields.base64(length);
const optionalBase64: Read = (fields) => fields.optionalBase64();
const transferFee: Read = (fields) => ({
  epoch: fields.u64(),
  maximumFee: fields.u64(),
  transferFeeBasisPoints: fields.u16(),
});
const ACCOUNT_STATES = ['uninitialized', 'initialized', 'frozen'];
const KEY = 32;
const CIPHERTEXT = 64;
const OWN_CIPHERTEXT = 36;

/** By their numbers on chain. Names and fields as in Agave's `account-decoder`, layouts as in `spl-token-2022`. */
const EXTENSIONS: Readonly<Record<number, Extension>> = {
  1: [
    'transferFeeConfig',
    {
      transferFeeConfigAuthority: optionalAddress,
      withdrawWithheldAuthority: optionalAddress,
      withheldAmount: u64,
      olderTransferFee: transferFee,
      newerTransferFee: transferFee,
    },
  ],
  2: ['transferFeeAmount', { withheldAmount: u64 }],
  3: ['mintCloseAuthority', { closeAuthority: optionalAddress }],
  4: [
    'confidentialTransferMint',
    { authority: optionalAddress, autoApproveNewAccounts: flag, auditorElgamalPubkey: optionalBase64 },
  ],
  5: [
    'confidentialTransferAccount',
    {
      approved: flag,
      elgamalPubkey: base64(KEY),
      pendingBalanceLo: base64(CIPHERTEXT),
      pendingBalanceHi: base64(CIPHERTEXT),
      availableBalance: base64(CIPHERTEXT),
      decryptableAvailableBalance: base64(OWN_CIPHERTEXT),
      allowConfidentialCredits: flag,
      allowNonConfidentialCredits: flag,
      pendingBalanceCreditCounter: u64,
      maximumPendingBalanceCreditCounter: u64,
      expectedPendingBalanceCreditCounter: u64,
      actualPendingBalanceCreditCounter: u64,
    },
  ],
  6: ['defaultAccountState', { accountState: (fields) => ACCOUNT_STATES[fields.u8()] ?? 'uninitialized' }],
  7: ['immutableOwner'],
  8: ['memoTransfer', { requireIncomingTransferMemos: flag }],
  9: ['nonTransferable'],
  10: [
    'interestBearingConfig',
    {
      rateAuthority: optionalAddress,
      initializationTimestamp: i64,
      preUpdateAverageRate: i16,
      lastUpdateTimestamp: i64,
      currentRate: i16,
    },
  ],
  11: ['cpiGuard', { lockCpi: flag }],
  12: ['permanentDelegate', { delegate: optionalAddress }],
  13: ['nonTransferableAccount'],
  14: ['transferHook', { authority: optionalAddress, programId: optionalAddress }],
  15: ['transferHookAccount', { transferring: flag }],
  16: [
    'confidentialTransferFeeConfig',
    {
      authority: optionalAddress,
      withdrawWithheldAuthorityElgamalPubkey: optionalBase64,
      harvestToMintEnabled: flag,
      withheldAmount: base64(CIPHERTEXT),
    },
  ],
  17: ['confidentialTransferFeeAmount', { withheldAmount: base64(CIPHERTEXT) }],
  18: ['metadataPointer', { authority: optionalAddress, metadataAddress: optionalAddress }],
  19: [
    'tokenMetadata',
    {
      updateAuthority: optionalAddress,
      mint: address,
      name: text,
      symbol: text,
      uri: text,
      additionalMetadata: (fields) => fields.pairs(),
    },
  ],
  20: ['groupPointer', { authority: optionalAddress, groupAddress: optionalAddress }],
  21: ['tokenGroup', { updateAuthority: optionalAddress, mint: address, size: u64, maxSize: u64 }],
  22: ['groupMemberPointer', { authority: optionalAddress, memberAddress: optionalAddress }],
  23: ['tokenGroupMember', { mint: address, group: address, memberNumber: u64 }],
  24: [
    'confidentialMintBurn',
    {
      confidentialSupply: base64(CIPHERTEXT),
      decryptableSupply: base64(OWN_CIPHERTEXT),
      supplyElgamalPubkey: base64(KEY),
      pendingBurn: base64(CIPHERTEXT),
    },
  ],
  25: [
    'scaledUiAmountConfig',
    {
      authority: optionalAddress,
      multiplier: f64,
      newMultiplierEffectiveTimestamp: i64,
      newMultiplier: f64,
    },
  ],
  26: ['pausableConfig', { authority: optionalAddress, paused: flag }],
  27: ['pausableAccount'],
};

/** The extensions of a mint or token account of Token-2022, as `jsonParsed` shows them; undefined where there are none. */
export function parseExtensions(data: Uint8Array) {
  const found: { extension: string; state?: unknown }[] = [];
  for (const { number, content } of extensionsIn(data)) {
    const known = EXTENSIONS[number];
    // Agave lists no extensions of an account that has an unknown one.
    if (known === undefined) return undefined;
    found.push(parseExtension(known, content));
  }
  return found.length === 0 ? undefined : found;
}

/** The content of one extension; null if the account lacks it or it is too short. */
export function contentOfExtension(data: Uint8Array, wanted: number): Buffer | null {
  for (const { number, content } of extensionsIn(data)) {
    if (number === wanted && content.length === CONTENT_BYTES[number])
      return Buffer.from(content.buffer, content.byteOffset, content.length);
  }
  return null;
}

function* extensionsIn(data: Uint8Array): Generator<{ number: number; content: Uint8Array }> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = EXTENSIONS_AT;
  while (at + HEADER_BYTES <= data.length) {
    const number = view.getUint16(at, true);
    if (number === 0) return;
    const end = at + HEADER_BYTES + view.getUint16(at + 2, true);
    if (end > data.length) return;
    yield { number, content: data.subarray(at + HEADER_BYTES, end) };
    at = end;
  }
}

function parseExtension([extension, layout]: Extension, content: Uint8Array) {
  if (layout === undefined) return { extension };
  const fields = new Fields(content);
  try {
    const state = Object.fromEntries(Object.entries(layout).map(([name, read]) => [name, read(fields)]));
    return fields.isRead ? { extension, state } : { extension: 'unparseableExtension' };
  } catch {
    return { extension: 'unparseableExtension' };
  }
}
