/**
 * The work of a process.
 *
 * all     everything, alone
 * api     HTTP and streams; holds no key and executes nothing
 * worker  executes orders and watches what was sent; listens on no port
 */
export type Role = 'all' | 'api' | 'worker';
