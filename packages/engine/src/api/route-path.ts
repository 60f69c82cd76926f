/** A path of the contract, with parameters in braces, as Fastify's router takes it. */
export const toRoutePath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');
