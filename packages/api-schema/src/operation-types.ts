import type { z } from 'zod';
import type { Operation } from './operations.ts';

/** The parameters in the path of an operation: each is a UUID. */
export type ParamsOf<O extends Operation> = Readonly<Record<NamesIn<O['path']>, string>>;

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What its query means, defaults filled in. */
export type QueryOf<O extends Operation> = O extends { readonly query: infer Q extends z.ZodType }
  ? Readonly<z.output<Q>>
  : Readonly<Record<never, never>>;

/** Its body as it was sent. */
export type BodyOf<O extends Operation> = O extends { readonly body: infer B extends z.ZodType }
  ? z.input<B>
  : undefined;

/** What it answers, whatever the status. Fields that the contract leaves open are not looked at. */
export type AnswerOf<O extends Operation> = Answered<O['answers'][keyof O['answers']]>;

type Answered<A> = A extends { readonly body: infer B extends z.ZodType } ? Shown<z.output<B>> : never;

/** Whether the contract says of some fields only that there may be any. */
type IsLeftOpen<T, K extends keyof T> = string extends K ? (unknown extends T[K] ? true : false) : false;

/** A value that is only read: its declared fields, at every depth. */
export type Shown<T> = T extends readonly (infer Item)[]
  ? readonly Shown<Item>[]
  : T extends object
    ? { readonly [K in keyof T as IsLeftOpen<T, K> extends true ? never : K]: Shown<T[K]> }
    : T;
