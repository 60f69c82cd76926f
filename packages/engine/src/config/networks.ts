import { isIP } from 'node:net';

/** One or more of IPv4 or IPv6, each with or without the length of a prefix. */
export const NETWORKS = {
  test: (text: string): boolean =>
    text.split(',').every((network) => {
      const [address = '', prefix, ...more] = network.split('/');
      const family = isIP(address);
      const isPrefix =
        prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
      return family !== 0 && isPrefix && more.length === 0;
    }),
};
