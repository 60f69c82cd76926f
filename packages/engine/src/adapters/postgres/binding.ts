import type pg from 'pg';
import { type Binding as BoundTo, bindingProblem } from '../../domain/binding.ts';
import { inTransaction } from './in-transaction.ts';
import { fingerprintOf, isFingerprintOf } from './secret-fingerprint.ts';

/** This process and the orders of the database do not belong together; nothing was changed. */
export class BindingRefused extends Error {
  override name = 'BindingRefused';
}

/** The settings that decide about money, by name, as text. */
export type MoneySettings = Readonly<Record<string, string>>;

/** What a process brings along. */
export interface Candidate {
  readonly genesisHash: string;
  /** Absent in a process that signs nothing. */
  readonly signer?: { readonly wallet: string; readonly secret: string };
  readonly settings: MoneySettings;
}

/** A process as its row names it. */
export interface ProcessRow {
  readonly processId: string;
  /** For a person. */
  readonly description: string;
}

export interface BindingRow {
  readonly revision: number;
  readonly genesis_hash: string | null;
  readonly wallet: string | null;
  readonly secret_fingerprint: string | null;
  readonly settings: MoneySettings | null;
}

export type JoinOutcome =
  | { readonly outcome: 'joined'; readonly revision: number }
  /** Settings differ from those of processes that are alive; `aliveUntil` by process id, as the database writes times. */
  | {
      readonly outcome: 'differs';
      readonly problem: string;
      readonly aliveUntil: ReadonlyMap<string, string>;
    };

/**
 * Enters a process among those of its database, all or nothing: whichever of several comes first binds the database to
 * its chain, wallet and secret, and the others are compared with it. The settings are those of the processes that are
 * alive; where there is none, this one's.
 *
 * @param livesMs How long the process counts as alive; null for the only process that can use the database.
 * @throws {BindingRefused} Another chain, wallet or secret.
 */
export function joinProcesses(
  pool: pg.Pool,
  candidate: Candidate,
  { processId, description }: ProcessRow,
  livesMs: number | null,
): Promise<JoinOutcome> {
  return inTransaction(pool, async (client) => {
    const row = await lockBinding(client);
    const { genesisHash, signer } = candidate;
    const refused = bindingProblem(bindingOf(row), {
      genesisHash,
      ...(signer && {
        signer: {
          wallet: signer.wallet,
          hasBoundSecret:
            row.secret_fingerprint === null || (await isFingerprintOf(row.secret_fingerprint, signer.secret)),
        },
      }),
    });
    if (refused !== null) throw new BindingRefused(refused);
    const alive = livesMs === null ? [] : await aliveProcesses(client);
    const problem = row.settings && differenceOf(candidate.settings, row.settings, alive);
    if (problem && alive.length > 0)
      return {
        outcome: 'differs',
        problem,
        aliveUntil: new Map(alive.map((one) => [one.processId, one.aliveUntil])),
      };

    const revision = row.revision + (problem ? 1 : 0);
    await client.query(
      `UPDATE binding SET revision = $1, genesis_hash = $2, settings = $3,
         wallet = coalesce(wallet, $4), secret_fingerprint = coalesce(secret_fingerprint, $5)`,
      [
        revision,
        genesisHash,
        JSON.stringify(candidate.settings),
        signer?.wallet ?? null,
        signer && row.secret_fingerprint === null ? await fingerprintOf(signer.secret) : null,
      ],
    );
    await client.query('DELETE FROM processes WHERE alive_until <= now()');
    if (livesMs !== null) await client.query(RENEW_SQL, [processId, description, livesMs, revision]);
    return { outcome: 'joined', revision };
  });
}

// Waits for a change of the binding that is under way, and then sees its revision.
const RENEW_SQL = `
WITH standing AS (SELECT FROM binding WHERE revision = $4 FOR SHARE)
INSERT INTO processes (process_id, description, alive_until)
SELECT $1, $2, now() + $3::double precision * interval '1 millisecond' FROM standing
ON CONFLICT (process_id) DO UPDATE SET alive_until = EXCLUDED.alive_until`;

/** Says that the process is alive. False if the binding was changed since it joined: then it is not counted any more. */
export async function renewProcess(
  pool: pg.Pool,
  { processId, description }: ProcessRow,
  livesMs: number,
  revision: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(RENEW_SQL, [processId, description, livesMs, revision]);
  return rowCount === 1;
}

export async function leaveProcesses(pool: pg.Pool, processId: string): Promise<void> {
  await pool.query('DELETE FROM processes WHERE process_id = $1', [processId]);
}

/** The binding as it stands; undefined before the first start. */
export async function readBinding(pool: pg.Pool): Promise<Binding | undefined> {
  const { rows } = await pool.query<BindingRow>(SELECT_SQL);
  const [row] = rows;
  return row && { revision: row.revision, ...bindingOf(row) };
}

export interface Binding extends BoundTo {
  readonly revision: number;
}

const bindingOf = ({ genesis_hash, wallet }: BindingRow): BoundTo => ({ genesisHash: genesis_hash, wallet });

export async function hasOrders(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query('SELECT 1 FROM orders LIMIT 1');
  return rows.length > 0;
}

const SELECT_SQL = 'SELECT revision, genesis_hash, wallet, secret_fingerprint, settings FROM binding';

/** Locks the row until the end of the transaction: no other process joins or changes it meanwhile. */
export async function lockBinding(client: pg.PoolClient): Promise<BindingRow> {
  await client.query('INSERT INTO binding DEFAULT VALUES ON CONFLICT DO NOTHING');
  const { rows } = await client.query<BindingRow>(`${SELECT_SQL} FOR UPDATE`);
  return rows[0]!;
}

export async function aliveProcesses(
  client: pg.PoolClient,
): Promise<readonly { processId: string; description: string; aliveUntil: string }[]> {
  const { rows } = await client.query(
    `SELECT process_id AS "processId", description, alive_until::text AS "aliveUntil"
     FROM processes WHERE alive_until > now() ORDER BY started_at`,
  );
  return rows;
}

/** Which settings differ, and what to do; null if none does. */
function differenceOf(
  own: MoneySettings,
  common: MoneySettings,
  alive: readonly { readonly description: string }[],
): string | null {
  const show = (value: string | undefined): string =>
    value === undefined || value === '' ? 'not set' : value;
  const names = [...new Set([...Object.keys(own), ...Object.keys(common)])].filter(
    (name) => own[name] !== common[name],
  );
  if (names.length === 0) return null;
  const values = names.map((name) => `${name} is ${show(own[name])} here and ${show(common[name])} there`);
  const others = alive.map(({ description }) => description).join('; ');
  return `${values.join(', ')}: settings that decide about money must be the same in all processes that are alive (${others}). Give this one their values, stop them, or change the values while they run with npm run rebind -- --settings`;
}
