/** Fields of an object that its document leaves out, as they are kept elsewhere: whole, or of an object in it the fields named. */
export interface Elsewhere {
  readonly [field: string]: true | Elsewhere;
}

/**
 * An object as one document of JSON, amounts as strings, since its numbers would lose digits. What is null or undefined is left
 * out, and what is as in `blank`: the template that the document is read into has it.
 */
export function documentText(whole: object, elsewhere: Elsewhere = NOTHING, blank: object = NOTHING): string {
  let text = '{';
  for (const name in whole) {
    const field = (whole as Readonly<Record<string, unknown>>)[name];
    const left = elsewhere[name];
    const usual = (blank as Readonly<Record<string, unknown>>)[name];
    if (field === undefined || field === null || left === true || isUsual(field, usual)) continue;
    text += text === '{' ? `"${name}":` : `,"${name}":`;
    text += isObject(field) ? documentText(field, left, isObject(usual) ? usual : NOTHING) : valueText(field);
  }
  return `${text}}`;
}

const NOTHING: Elsewhere = {};

const isObject = (field: unknown): field is object =>
  typeof field === 'object' && field !== null && !Array.isArray(field);

const isUsual = (field: unknown, usual: unknown): boolean =>
  field === usual || (isEmptyList(field) && isEmptyList(usual));

const isEmptyList = (field: unknown): boolean => Array.isArray(field) && field.length === 0;

const valueText = (field: unknown): string => {
  if (typeof field === 'bigint') return `"${field}"`;
  return typeof field === 'boolean' ? `${field}` : JSON.stringify(field);
};

/** The fields of `T` that can be a bigint, all of them: the compiler asks for what is missing. */
export type AmountsOf<T> = { readonly [K in keyof T as bigint extends T[K] ? K : never]-?: true };

/**
 * A copy of the template with what a parsed document has. The engine's objects have the template's shape, whatever a document
 * leaves out, so that they are fast to copy.
 */
export function readDocument<T extends object>(
  template: T,
  document: object,
  amounts: AmountsOf<T>,
): Writable<T> {
  const whole = { ...template } as Record<string, unknown>;
  const fields = document as Readonly<Record<string, unknown>>;
  for (const name in fields) whole[name] = name in amounts ? BigInt(fields[name] as string) : fields[name];
  return whole as Writable<T>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
