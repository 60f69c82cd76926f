/** Reading of JSON vectors: a missing or malformed field is an error that names the field, never a default. */
export type Json = Record<string, unknown>;

export function recordOf(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${name} is not an object`);
  return value as Json;
}

export function listOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value;
}

export function integerOf(from: Json, name: string): bigint {
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  throw new Error(`${name} is not an integer: ${JSON.stringify(value)}`);
}

export function numberOf(from: Json, name: string): number {
  return Number(integerOf(from, name));
}

export function textOf(from: Json, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new Error(`${name} is not a text: ${JSON.stringify(value)}`);
  return value;
}

export function flagOf(from: Json, name: string): boolean {
  const value = from[name];
  if (typeof value !== 'boolean') throw new Error(`${name} is not true or false: ${JSON.stringify(value)}`);
  return value;
}

export function optionOf<T>(options: Record<string, T>, key: string, name: string): T {
  const found = Object.hasOwn(options, key) ? options[key] : undefined;
  if (found === undefined) throw new Error(`unknown ${name} ${JSON.stringify(key)}`);
  return found;
}
