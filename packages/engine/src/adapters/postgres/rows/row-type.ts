import { FIELD_TYPES, type FieldType, RowOutput } from './binary-writer.ts';
import type { Columns, SourcedColumns } from './recordset.ts';

/**
 * Rows of many orders cross to the database as one binary parameter, which it reads much faster than JSON: an array of a
 * composite type, which a migration made. A type is never altered, as a process of an earlier version may still send it:
 * other columns need another type.
 */
export interface RowType {
  /** Of the composite type. */
  readonly name: string;
  /** Its columns in their order, in groups: a row is given as one object for each. */
  readonly groups: readonly (readonly Field[])[];
}

interface Field extends FieldType {
  readonly name: string;
  /** The field of its part of the row that has the value, or what makes it of that part. */
  readonly from: string | ((part: never) => unknown);
}

export const rowType = (name: string, ...groups: readonly (Columns | SourcedColumns)[]): RowType => ({
  name,
  groups: groups.map((columns) =>
    Object.entries<Columns[string] | SourcedColumns[string]>(columns).map(([column, source]) => {
      const { type, from } = typeof source === 'string' ? { type: source, from: column } : source;
      return { name: column, from, ...FIELD_TYPES[type] };
    }),
  ),
});

/**
 * The rows of such a parameter, as an item for FROM.
 *
 * The condition is for the planner, as with `recordset`.
 */
export function rowsOf(parameter: string, alias: string, { name, groups }: RowType): string {
  const first = groups[0]![0]!.name;
  return `(
    SELECT * FROM unnest(${parameter}::${name}[]) AS given
    WHERE given.${first} IS NOT DISTINCT FROM given.${first}
  ) AS ${alias}`;
}

/** Rows of a type as that parameter, in the binary format of the protocol. What is null or undefined becomes null. */
export function encodeRows({ groups }: RowType, rows: readonly (readonly object[])[]): Buffer {
  const fieldCount = groups.reduce((sum, fields) => sum + fields.length, 0);
  const output = new RowOutput(64 + rows.length * BYTES_OF_A_ROW);
  output.int32(rows.length === 0 ? 0 : 1); // Dimensions.
  output.int32(0);
  output.int32(0); // The statement says of which type: PostgreSQL compares the ids of built-in types alone.
  if (rows.length > 0) {
    output.int32(rows.length);
    output.int32(1); // Where they are counted from.
  }
  for (const parts of rows)
    output.sized(() => {
      output.int32(fieldCount);
      for (const [index, fields] of groups.entries()) writeFields(output, fields, parts[index] as Part);
    });
  return output.take();
}

/** With room for what most rows are. */
const BYTES_OF_A_ROW = 768;

type Part = Readonly<Record<string, never>>;

function writeFields(output: RowOutput, fields: readonly Field[], part: Part): void {
  for (const { from, id, write } of fields) {
    output.int32(id);
    const value = typeof from === 'string' ? part[from] : (from(part as never) as never);
    if (value === null || value === undefined) output.int32(-1);
    else write(output, value);
  }
}
