import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON of the body as it was sent; empty without one. */
    bodyText: string;
  }
}

/** A body and the JSON that it was parsed from. */
export interface SentBody<B extends object = object> {
  readonly body: B;
  readonly text: string;
}

/** Parses JSON as before, and keeps its text: JSON.parse makes doubles of numbers, and amounts are read as they were sent. */
export function keepJsonTexts(app: FastifyInstance): void {
  app.decorateRequest('bodyText', '');
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    request.bodyText = text as string;
    parse(request, request.bodyText, done);
  });
}

/** The decimal text of a field that came as a string or a number; a number is the text that was sent. */
function sentText(sent: SentBody, field: string): string {
  const value = fieldOf(sent, field);
  if (typeof value !== 'number') return String(value);
  const text = numbersOf(sent.text).get(field) ?? String(value);
  return text.includes('.') && !/e/i.test(text) ? withoutTrailingZeros(text) : text;
}

/** Of a text with a point. In one pass, however many digits a number has. */
function withoutTrailingZeros(text: string): string {
  let end = text.length;
  while (text[end - 1] === '0') end -= 1;
  return text.slice(0, text[end - 1] === '.' ? end - 1 : end);
}

const MAX_DIGITS = 15;

/**
 * The text of an amount. A number of more than 15 digits has passed through a double at its sender, so it may be another
 * one than was meant.
 *
 * @throws {ProblemError} `invalid_amount`: a number with a sign, an exponent, or too many digits.
 */
export function requireExactAmount(sent: SentBody, field: string): string {
  const text = sentText(sent, field);
  if (!/^\d+(\.\d+)?$/.test(text)) throw inexact(field, 'it has a sign or an exponent');
  if (isNumber(sent, field) && text.replace('.', '').replace(/^0+/, '').length > MAX_DIGITS)
    throw inexact(field, `it has more than ${MAX_DIGITS} significant digits`);
  return text;
}

/**
 * The text of an amount of a client that computes with doubles: a number of however many digits, its exponent carried out
 * ("1e-7" is "0.0000001"); a string as it is.
 *
 * @throws {ProblemError} `invalid_amount`: a number with a sign.
 */
export function requirePlainAmount(sent: SentBody, field: string): string {
  const text = isNumber(sent, field) ? withoutExponent(sentText(sent, field)) : sentText(sent, field);
  if (!/^\d+(\.\d+)?$/.test(text)) throw inexact(field, 'it has a sign');
  return text;
}

const fieldOf = ({ body }: SentBody, field: string): unknown =>
  (body as Readonly<Record<string, unknown>>)[field];

const isNumber = (sent: SentBody, field: string): boolean => typeof fieldOf(sent, field) === 'number';

/** As long as the exponent is large: JSON.parse makes a number of the text, so that is a few hundred, beyond the text's own digits. */
function withoutExponent(text: string): string {
  const [, whole = '', fraction = '', exponent] = /^(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  if (Number(text) === 0) return '0';
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  const units = digits
    .slice(0, point)
    .padEnd(point, '0')
    .replace(/^0+(?=\d)/, '');
  return point < digits.length ? `${units}.${digits.slice(point)}` : units;
}

const inexact = (field: string, reason: string): ProblemError =>
  new ProblemError('invalid_amount', {
    detail: `${field} is a JSON number that is not exact: ${reason}.`,
    field,
    hint: `Send the amount as a string; a number may have at most ${MAX_DIGITS} significant digits and no exponent.`,
  });

// Texts are matched as one token each, so that what stands inside of one is not taken for a field or a number.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\],:]/g;

/** The numbers among the fields of a JSON object, character by character; of a field that is there twice the last one. */
function numbersOf(json: string): ReadonlyMap<string, string> {
  const numbers = new Map<string, string>();
  let depth = 0;
  let before = '';
  let field: string | null = null;
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token === ':') field = JSON.parse(before) as string;
    else if (depth === 1 && token === ',') field = null;
    else if (depth === 1 && field !== null && !token.startsWith('"')) numbers.set(field, token);
    before = token;
  }
  return numbers;
}
