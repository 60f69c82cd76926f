/*
 * The observations of the tick: a ring of sums of tick times seconds, at least 15 seconds apart.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/oracle.rs.
 */
#ifndef CLMM_ORACLE_H
#define CLMM_ORACLE_H

#include "clmm-pool.h"

/* `tick` is the one that the pool stood at before the swap. */
static NOINLINE void observe_tick(const Pool *pool, i64 tick) {
  u8 *data = account(pool, OBSERVATION)->data;
  u64 now = (u32)pool->clock.unix_timestamp, index = load_u16(data + OBSERVATION_INDEX);
  if (index >= OBSERVATION_COUNT) panic();
  u8 *last = data + OBSERVATION_ENTRIES + index * OBSERVATION_ENTRY_BYTES;
  if (!data[OBSERVATION_INITIALIZED]) {
    data[OBSERVATION_INITIALIZED] = 1;
    store_u32(last + ENTRY_TIME, (u32)now);
    store_u64(last + ENTRY_TICKS, 0);
    return;
  }
  u64 begun = load_u32(last + ENTRY_TIME), seconds = now > begun ? now - begun : 0;
  if (seconds < OBSERVATION_SECONDS) return;
  index = index == OBSERVATION_COUNT - 1 ? 0 : index + 1;
  u8 *next = data + OBSERVATION_ENTRIES + index * OBSERVATION_ENTRY_BYTES;
  store_u32(next + ENTRY_TIME, (u32)now);
  store_u64(next + ENTRY_TICKS, load_u64(last + ENTRY_TICKS) + (u64)tick * seconds);
  *(u16 *)(data + OBSERVATION_INDEX) = (u16)index;
}

#endif
