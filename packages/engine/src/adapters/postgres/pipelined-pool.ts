import pg from 'pg';

/**
 * A pool of one connection to a database that computes in another thread. Queries are sent without waiting for the
 * answers to earlier ones, so that the thread finds the next request when it is done with one; they are carried out in
 * the order of the calls. `connect` waits until no such query is under way.
 */
export class PipelinedPool extends pg.Pool {
  #shared: Promise<pg.PoolClient> | undefined;
  #underWay = 0;

  constructor(config: pg.PoolConfig) {
    super({ ...config, pipeline: true, max: 1, idleTimeoutMillis: 0 } as pg.PoolConfig);
    this.query = this.#send as typeof this.query;
  }

  async #send(config: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult> {
    this.#underWay += 1;
    this.#shared ??= this.connect();
    try {
      const client = await this.#shared;
      return await client.query(config, values);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#giveBack();
    }
  }

  #giveBack(): void {
    this.#shared?.then(
      (client) => client.release(), // A broken connection is left out by the pool itself.
      () => {},
    );
    this.#shared = undefined;
  }
}
