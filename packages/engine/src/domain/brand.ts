declare const BRAND: unique symbol;

/**
 * A primitive with a name that only the compiler sees. Values of two brands do not mix, and a plain value takes a brand
 * only in the brand's constructor. The constructor checks nothing: the caller has parsed the value, or read it from an owner.
 */
export type Branded<Primitive, Name extends string> = Primitive & { readonly [BRAND]: Name };
