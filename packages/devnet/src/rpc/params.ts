import { addressBytes, tryDecodeBase58 } from '@oee/solana';
import type { Commitment } from '../chain/block.ts';
import { invalidParams } from './rpc-error.ts';

export type Params = readonly unknown[];
export type Config = Readonly<Record<string, unknown>>;

const COMMITMENTS: Readonly<Record<string, Commitment>> = {
  processed: 'processed',
  recent: 'processed',
  confirmed: 'confirmed',
  single: 'confirmed',
  singleGossip: 'confirmed',
  finalized: 'finalized',
  max: 'finalized',
  root: 'finalized',
};

export function addressParam(params: Params, index: number): string {
  return toAddress(params[index], `params[${index}]`);
}

export function toAddress(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalidParams(`Invalid params: ${name} must be an address.`);
  if (addressBytes(value) === null) throw invalidParams(`Invalid param: ${faultOfBase58(value, 44)}`);
  return value;
}

/** Agave's error for a text that is no address or signature: too long or short, or with other characters. */
function faultOfBase58(text: string, mostCharacters: number): 'Invalid' | 'WrongSize' {
  return text.length <= mostCharacters && tryDecodeBase58(text) === null ? 'Invalid' : 'WrongSize';
}

export function signatureParam(value: unknown): string {
  if (typeof value !== 'string') throw invalidParams('Invalid params: a signature must be a string.');
  const bytes = value.length <= 88 ? tryDecodeBase58(value) : null;
  if (bytes?.length !== 64) throw invalidParams(`Invalid param: ${faultOfBase58(value, 88)}`);
  return value;
}

export function listParam(params: Params, index: number, limit: number): unknown[] {
  const value = params[index];
  if (!Array.isArray(value)) throw invalidParams(`Invalid params: params[${index}] must be a list.`);
  if (value.length > limit) throw invalidParams(`Too many inputs provided; max ${limit}`);
  return value;
}

/** An exact non-negative whole number. JSON does not carry numbers above 2^53 exactly. */
export function integerParam(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalidParams(`Invalid params: ${name} must be a whole number from 0 to 2^53 - 1.`);
  }
  return value;
}

export function optionalInteger(config: Config, name: string): number | null {
  const value = config[name];
  return value === undefined || value === null ? null : integerParam(value, name);
}

/** The options object of a method; an absent one is empty. */
export function configParam(params: Params, index: number): Config {
  const value = params[index];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalidParams(`Invalid params: invalid type: params[${index}] must be an object.`);
  }
  return value as Config;
}

/** The commitment of an options object. Solana's default is finalized. */
export function commitmentOf(config: Config, fallback: Commitment = 'finalized'): Commitment {
  return toCommitment(config.commitment, fallback);
}

/** The options object of a method that once took an encoding in its place. */
export function encodingConfigParam(params: Params, index: number): Config {
  const value = params[index];
  return typeof value === 'string' ? { encoding: value } : configParam(params, index);
}

/** The commitment of methods about landed transactions, which refuse `processed`. */
export function commitmentAboveProcessed(config: Config): Commitment {
  const commitment = commitmentOf(config);
  if (commitment !== 'processed') return commitment;
  throw invalidParams('Method does not support commitment below `confirmed`');
}

export function toCommitment(value: unknown, fallback: Commitment): Commitment {
  if (value === undefined || value === null) return fallback;
  const commitment = typeof value === 'string' ? COMMITMENTS[value] : undefined;
  if (commitment === undefined) {
    throw invalidParams(
      `Invalid params: unknown variant \`${String(value)}\`, expected one of processed, confirmed, finalized.`,
    );
  }
  return commitment;
}
