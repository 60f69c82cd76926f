import type { World } from '../world.ts';
import { type ReadinessCheck, succeeds } from './readiness.ts';

/** Nothing is accepted or carried on without the database. */
export const databaseAnswers = ({ orders }: Pick<World, 'orders'>): ReadinessCheck =>
  succeeds('database', () => orders.ping(), 'the database does not answer');
