declare const BRAND: unique symbol;

/**
 * A primitive with a name that only the compiler sees. Values of two brands do not mix, and only the brand's constructor
 * turns a plain value into a branded one. The constructor checks nothing: its caller has parsed the value, or has it from
 * the store or a node.
 */
export type Branded<Primitive, Name extends string> = Primitive & { readonly [BRAND]: Name };
