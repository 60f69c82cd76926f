/*
 * What mints of Token-2022 withhold of a swap's transfers. The bins trade what reaches the vault, and give what leaves it.
 * Formulas: MeteoraAg/dlmm-sdk, commons/src/token_2022.rs.
 */
#ifndef DLMM_TRANSFERS_H
#define DLMM_TRANSFERS_H

#include "dlmm-pool.h"

static NOINLINE void read_transfer_fees(Pool *pool) {
  u64 epoch = pool->clock.epoch;
  read_transfer_fee(&pool->transfer_fee_in, account(pool, pool->is_x_to_y ? MINT_X : MINT_Y), epoch);
  read_transfer_fee(&pool->transfer_fee_out, account(pool, pool->is_x_to_y ? MINT_Y : MINT_X), epoch);
}

/* What arrives of an amount that is sent. */
static NOINLINE u64 amount_after(const TransferFee *fee, u64 sent, u64 *arriving) {
  u64 withheld;
  if (transfer_fee_of(&withheld, fee, sent) || withheld > sent) return DLMM_MATH_OVERFLOW;
  *arriving = sent - withheld;
  return 0;
}

/* What must be sent so that an amount arrives. */
static NOINLINE u64 amount_before(const TransferFee *fee, u64 arriving, u64 *sent) {
  u64 gross, withheld, check;
  *sent = arriving;
  if (arriving == 0) return 0;
  if (fee->basis_points == TRANSFER_FEE_BASIS_POINTS)
    withheld = fee->maximum;
  else if (amount_before_transfer_fee(&gross, fee, arriving) || transfer_fee_of(&withheld, fee, gross))
    return DLMM_MATH_OVERFLOW;
  if (add_checked(sent, withheld)) return DLMM_MATH_OVERFLOW;
  if (transfer_fee_of(&check, fee, *sent)) return DLMM_MATH_OVERFLOW;
  return check == withheld ? 0 : DLMM_FEE_INVERSE_IS_INCORRECT;
}

#endif
