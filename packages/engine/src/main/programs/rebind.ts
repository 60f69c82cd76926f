import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBinding } from '../../adapters/postgres/binding.ts';
import { migrate, requireMigrated } from '../../adapters/postgres/migrate.ts';
import { type Rebinding, rebind } from '../../adapters/postgres/rebind.ts';
import { loadOrCreateWallet } from '../../adapters/signers/wallet-file.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { type Config, InvalidConfig, settingsInCommon } from '../../config/config.ts';
import { attachToDevnet } from '../devnet-process.ts';
import { openDatabase } from '../open-database.ts';
import { executionSecretOf, walletFileOf } from '../own-wallet.ts';
import { run } from '../run.ts';

// npm run rebind -- --wallet --secret --chain --settings: binds the database to those of this environment that are named.
await run(async (config, log) => {
  const named = readNamed(process.argv.slice(2));
  if (config.DATABASE_URL === null && !existsSync(join(config.DATA_DIR, 'database')))
    throw new InvalidConfig(`DATA_DIR ${config.DATA_DIR} has no embedded database`);
  const database = await openDatabase(config, log);
  try {
    if (database.embedded) await migrate(database.pool);
    else await requireMigrated(database.pool);
    const { receiptsLeft } = await rebind(database.pool, await changeOf(config, named));
    const bound = await readBinding(database.pool);
    console.log(`chain   ${bound?.genesisHash ?? 'that of the next start'}`);
    console.log(`wallet  ${bound?.wallet ?? 'that of the next start'}`);
    console.log(`changed ${[...named].join(', ')}`);
    if (receiptsLeft > 0)
      console.log(
        `${receiptsLeft} receipts of another wallet stand on the chain: their rent is not collected while the database is bound to this one.`,
      );
  } finally {
    await database.close();
  }
});

type Name = 'wallet' | 'secret' | 'chain' | 'settings';

/** @throws {InvalidConfig} Nothing was named, or what does not exist. */
function readNamed(args: string[]): ReadonlySet<Name> {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      args,
      options: { wallet: flag, secret: flag, chain: flag, settings: flag },
    });
    const names = Object.entries(values).flatMap(([name, isNamed]) => (isNamed ? [name as Name] : []));
    if (names.length > 0) return new Set(names);
  } catch {
    // What can be named is said below.
  }
  throw new InvalidConfig(
    'name what is to be taken from this environment: npm run rebind -- [--wallet] [--secret] [--chain] [--settings]',
  );
}

async function changeOf(config: Config, named: ReadonlySet<Name>): Promise<Rebinding> {
  // Where no secret is set, it follows from the wallet.
  const changesSecret = named.has('secret') || (named.has('wallet') && config.EXECUTION_SECRET === null);
  const wallet = named.has('wallet') || changesSecret ? await walletOf(config, named) : null;
  return {
    ...(named.has('wallet') && wallet && { wallet: wallet.address }),
    ...(changesSecret && wallet && { secret: executionSecretOf(config, wallet) }),
    ...(named.has('chain') && { genesisHash: await genesisHashOf(config) }),
    ...(named.has('settings') && { settings: settingsInCommon(config) }),
  };
}

function walletOf(config: Config, named: ReadonlySet<Name>) {
  const file = walletFileOf(config);
  return loadOrCreateWallet(file, async () => {
    if (!named.has('wallet')) throw new InvalidConfig(`the wallet ${file} is missing`);
  });
}

/** @throws {InvalidConfig} The engine's own local Solana runs only while the engine does, and its ledger is one for ever. */
async function genesisHashOf({ DEVNET_URL }: Config): Promise<string> {
  if (DEVNET_URL === null) throw new InvalidConfig('rebind --chain needs DEVNET_URL');
  const { genesisHash } = await attachToDevnet({ url: DEVNET_URL, clock: systemClock });
  return genesisHash;
}
