// What benchmarks measure: the packages as `npm run build` leaves them.
const packages = new URL('../../packages/', import.meta.url);

/** A module of the engine, by its path. */
export const load = (path) => import(new URL(`engine/dist/${path}`, packages).href);

/** A module of the devnet, by its path. */
export const loadDevnet = (path) => import(new URL(`devnet/dist/${path}`, packages).href);

/** What a package exports, by its folder. */
export const loadPackage = (name) => import(new URL(`${name}/dist/index.js`, packages).href);
