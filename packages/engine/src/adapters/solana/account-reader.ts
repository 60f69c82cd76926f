import type { Account, AccountReader } from '../../ports/account-reader.ts';
import { MalformedAnswer, toBytes, toFields, toHash, toList, toText, toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

const OPTIONS = { commitment: 'processed', encoding: 'base64' };
/** Accounts; beyond them the memory begins anew. */
const MAX_REMEMBERED = 1_000;

/** An account as the node encodes it. */
interface Encoded {
  readonly owner: string;
  /** Base64. */
  readonly content: string;
}

export function createAccountReader(rpc: Rpc): AccountReader {
  const remembered = new Map<string, { readonly encoded: Encoded; readonly account: Account }>();

  /** The same object as before if the account has not changed: of the accounts of pools few change from slot to slot. */
  function decodeOnce(address: string, encoded: Encoded): Account {
    const { owner, content } = encoded;
    const known = remembered.get(address);
    if (known && known.encoded.owner === owner && known.encoded.content === content) return known.account;
    const account = decode(encoded);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(address, { encoded, account });
    return account;
  }

  return {
    accounts: (addresses) =>
      rpc.call('getMultipleAccounts', [addresses, OPTIONS], (result) => {
        const fields = toFields(result);
        const found = toList(fields.value);
        if (found.length !== addresses.length) throw new MalformedAnswer('one account per address');
        const accounts = addresses.map((address, index) =>
          found[index] === null ? undefined : decodeOnce(address, toEncoded(found[index])),
        );
        return { slot: toU64(toFields(fields.context).slot), accounts };
      }),
    programAccounts: ({ programAddress, dataLength }) =>
      rpc.call(
        'getProgramAccounts',
        [programAddress, { ...OPTIONS, filters: [{ dataSize: dataLength }] }],
        (result) =>
          toList(result).map((entry) => {
            const fields = toFields(entry);
            return { address: toHash(fields.pubkey), data: decode(toEncoded(fields.account)).data };
          }),
      ),
  };
}

function toEncoded(value: unknown): Encoded {
  const { owner, data } = toFields(value);
  return { owner: toText(owner), content: toText(toList(data)[0]) };
}

const decode = ({ owner, content }: Encoded): Account => ({ owner, data: toBytes(content) });
