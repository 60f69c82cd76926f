import { randomUUID } from 'node:crypto';

/** Prefix of a whole number that was replaced by a text; a client cannot guess it. */
const MARK = `${randomUUID()} `;
/** A long number, or one with a fraction, an exponent or -0, behind what can come before a number: base64 has none of that. */
const UNUSUAL_NUMBER = /(?:^|[[:,])\s*(?:-0|-?\d{16}|-?\d+[.eE])/;
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON as `JSON.parse` does, but whole numbers that a float cannot hold become bigints, and what is written with a fraction,
 * an exponent or as -0 becomes NaN: Agave holds it for a float, whatever its value, and takes none anywhere.
 *
 * @throws {SyntaxError} It is no JSON.
 */
export function parseJson(text: string): unknown {
  if (!UNUSUAL_NUMBER.test(text)) return JSON.parse(text);
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
  // Through bytes, so that the text is kept in one piece and not with all its parts.
  return new JsonText(Buffer.from(toJson(value)).toString());
}

/** JSON with bigints as whole numbers of any size, as Solana's RPC sends lamports and token amounts. */
export function toJson(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (value instanceof JsonText) return value.text;
      return Array.isArray(value) ? listToJson(value) : objectToJson(value as Record<string, unknown>);
    default:
      return 'null';
  }
}

// Joining parts by `+=` copies no text until the whole is sent, however deep the value is.
function listToJson(list: readonly unknown[]): string {
  let text = '[';
  for (const [index, member] of list.entries()) text += index === 0 ? toJson(member) : `,${toJson(member)}`;
  return `${text}]`;
}

function objectToJson(value: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text.length > 1 ? ',' : ''}${keyToJson(key)}${toJson(member)}`;
  }
  return `${text}}`;
}

const MAX_KEYS = 1_000;
const keys = new Map<string, string>();

function keyToJson(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (keys.size < MAX_KEYS) keys.set(key, text);
  return text;
}
