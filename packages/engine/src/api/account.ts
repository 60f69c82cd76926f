/** One account until tenants exist. */
export const ACCOUNT = 'default';
