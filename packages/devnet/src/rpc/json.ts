import { randomUUID } from 'node:crypto';

/** Prefix of a whole number that was replaced by a text; a client cannot guess it. */
const MARK = `${randomUUID()} `;
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON as `JSON.parse` does, but whole numbers that a float cannot hold become bigints, and what is written with a fraction,
 * an exponent or as -0 becomes NaN: Agave holds it for a float, whatever its value, and takes none anywhere.
 *
 * @throws {SyntaxError} It is no JSON.
 */
export function parseJson(text: string): unknown {
  if (!/\d{16}|\d[.eE]|-0/.test(text)) return JSON.parse(text);
  const marked = text.replace(TEXT_OR_NUMBER, (token) =>
    isFloat(token) || isLarge(token) ? `"${MARK}${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
    const token = value.slice(MARK.length);
    return isFloat(token) ? Number.NaN : BigInt(token);
  });
}

const isFloat = (token: string) => !token.startsWith('"') && /[.eE]|^-0$/.test(token);
const isLarge = (token: string) => /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));

/** A value whose JSON is known, so that it need not be encoded again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Encodes a value that will be part of several answers. */
export function toJsonText(value: unknown): JsonText {
  return new JsonText(toJson(value));
}

/** JSON with bigints as whole numbers of any size, as Solana's RPC sends lamports and token amounts. */
export function toJson(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'string':
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (value instanceof JsonText) return value.text;
      return Array.isArray(value) ? `[${value.map(toJson).join(',')}]` : objectToJson(value);
    default:
      return 'null';
  }
}

function objectToJson(value: object): string {
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${toJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
