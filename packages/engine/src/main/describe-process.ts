import { hostname } from 'node:os';
import type { Role } from './role.ts';

/** This process, for an operator who reads of it in another process. */
export const describeProcess = (role: Role): string => `${role}, process ${process.pid} on ${hostname()}`;
