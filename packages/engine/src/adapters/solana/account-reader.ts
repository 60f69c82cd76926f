import type { Account, AccountReader } from '../../ports/account-reader.ts';
import { MalformedAnswer, toBytes, toFields, toHash, toList, toText, toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

const OPTIONS = { commitment: 'processed', encoding: 'base64' };

export function createAccountReader(rpc: Rpc): AccountReader {
  return {
    accounts: (addresses) =>
      rpc.call('getMultipleAccounts', [addresses, OPTIONS], (result) => {
        const fields = toFields(result);
        const accounts = toList(fields.value).map((value) => (value === null ? undefined : toAccount(value)));
        if (accounts.length !== addresses.length) throw new MalformedAnswer('one account per address');
        return { slot: toU64(toFields(fields.context).slot), accounts };
      }),
    programAccounts: ({ programAddress, dataLength }) =>
      rpc.call(
        'getProgramAccounts',
        [programAddress, { ...OPTIONS, filters: [{ dataSize: dataLength }] }],
        (result) =>
          toList(result).map((entry) => {
            const fields = toFields(entry);
            return { address: toHash(fields.pubkey), data: toAccount(fields.account).data };
          }),
      ),
  };
}

function toAccount(value: unknown): Account {
  const fields = toFields(value);
  const [content] = toList(fields.data);
  return { owner: toText(fields.owner), data: toBytes(content) };
}
