/*
 * A swap inside one bin. A bin gives from up to three layers, all at its price: the liquidity of positions, then limit
 * orders that are being filled, then orders without any fill.
 * Formulas: MeteoraAg/dlmm-sdk, commons/src/quote.rs.
 */
#ifndef DLMM_FILL_H
#define DLMM_FILL_H

#include "dlmm-pool.h"
#include "dlmm-price.h"

enum Layer { POSITIONS, PROCESSED, OPEN, LAYER_COUNT };

/* One bin that trades, and its fee rate. */
typedef struct {
  u8 *bytes;
  u64 layers[LAYER_COUNT];
  u64 fee_rate;
  Wide price;
} Bin;

/* What a bin gives for an amount, base units. The gross output holds a fee on the output, amount_in one on the input. */
typedef struct {
  u64 amount_in;
  u64 net_in;
  u64 positions_in;
  /* What each layer gives. */
  u64 out[LAYER_COUNT];
  /* Untouched orders are touched: from now on they are being filled. */
  int is_opened;
  u64 amount_out;
  u64 fee;
  /* The parts of the fee. */
  u64 positions_fee;
  u64 orders_fee;
  u64 protocol_fee;
  u64 host_fee;
} Fill;

/* In for out at a bin's price, rounded up. */
static NOINLINE u64 input_for(const Pool *pool, const Bin *bin, u64 out, u64 *input) {
  Wide amount, one = {{0, 1, 0, 0}}, result;
  wide_set(&amount, out);
  int failed = pool->is_x_to_y ? wide_multiply_divide(&result, &amount, &one, &bin->price, ROUND_UP)
                               : wide_multiply_divide(&result, &amount, &bin->price, &one, ROUND_UP);
  if (failed) return DLMM_MATH_OVERFLOW;
  if (!wide_fits_u64(&result)) return DLMM_TYPE_CAST;
  *input = result.limb[0];
  return 0;
}

/* Out for in at a bin's price, rounded down. */
static NOINLINE u64 output_for(const Pool *pool, const Bin *bin, u64 input, u64 *out) {
  Wide amount, one = {{0, 1, 0, 0}}, result;
  wide_set(&amount, input);
  int failed = pool->is_x_to_y ? wide_multiply_divide(&result, &amount, &bin->price, &one, ROUND_DOWN)
                               : wide_multiply_divide(&result, &amount, &one, &bin->price, ROUND_DOWN);
  if (failed) return DLMM_MATH_OVERFLOW;
  if (!wide_fits_u64(&result)) return DLMM_TYPE_CAST;
  *out = result.limb[0];
  return 0;
}

/* What the bin holds of the token that is wanted; more than 64 bits count as their most. */
INLINE u64 available_in(const Bin *bin) {
  u64 sum = bin->layers[POSITIONS];
  for (int layer = PROCESSED; layer < LAYER_COUNT; layer++)
    if (add_checked(&sum, bin->layers[layer])) return ~0ULL;
  return sum;
}

/* Takes the layers in turn with a net input; net_in is what they take of it. */
static NOINLINE u64 fill_layers(const Pool *pool, const Bin *bin, u64 amount, Fill *fill) {
  u64 left = amount;
  for (int layer = POSITIONS; layer < LAYER_COUNT; layer++) {
    u64 holds = bin->layers[layer], capacity;
    fill->out[layer] = 0;
    if (layer != POSITIONS && left == 0) continue;
    if (holds == 0) continue;
    u64 error = input_for(pool, bin, holds, &capacity);
    if (error) return error;
    u64 taken = left < capacity ? left : capacity;
    fill->out[layer] = holds;
    if (left < capacity) error = output_for(pool, bin, left, &fill->out[layer]);
    if (error) return error;
    if (layer == OPEN) fill->is_opened = fill->out[OPEN] != 0;
    if (layer == POSITIONS) fill->positions_in = taken;
    left -= taken;
  }
  fill->net_in = amount - left;
  return 0;
}

/* The pool's share for the protocol of a fee, rounded down. */
INLINE int share_of_protocol(const Pool *pool, u64 fee, u64 *share) {
  u64 factors[2] = {fee, load_u16(pool->state + POOL_PROTOCOL_SHARE)};
  return multiply_divide(share, factors, BASIS_POINTS, ROUND_DOWN);
}

/* How positions, owners of limit orders, the protocol and its host share the fee. */
static NOINLINE u64 share_fee(const Pool *pool, Fill *fill) {
  /* Where the fee consumes the input altogether, no part of it is the positions'. */
  u64 of_positions = 0;
  u64 parts[2] = {fill->fee, fill->positions_in};
  if (fill->net_in != 0 && multiply_divide(&of_positions, parts, fill->net_in, ROUND_UP)) return DLMM_MATH_OVERFLOW;
  u64 of_orders = fill->fee - of_positions;
  u64 owners[2] = {of_orders, ORDER_OWNER_SHARE};
  if (multiply_divide(&fill->orders_fee, owners, BASIS_POINTS, ROUND_DOWN)) return DLMM_MATH_OVERFLOW;
  u64 by_positions, by_orders;
  if (share_of_protocol(pool, of_positions, &by_positions)) return DLMM_MATH_OVERFLOW;
  if (share_of_protocol(pool, of_orders, &by_orders) || by_positions > of_positions) return DLMM_MATH_OVERFLOW;
  fill->positions_fee = of_positions - by_positions;
  fill->protocol_fee = of_orders - fill->orders_fee + by_positions;
  if (!pool->has_host) return 0;
  /* The protocol's larger part of the orders' fee counts for its host as if it were the pool's share. */
  u64 of_host = by_positions / HOST_PARTS + by_orders / HOST_PARTS;
  if (of_host > fill->protocol_fee) return DLMM_MATH_OVERFLOW;
  fill->host_fee = of_host;
  fill->protocol_fee -= of_host;
  return 0;
}

INLINE u64 gross_out(const Fill *fill, u64 *gross) {
  *gross = fill->out[POSITIONS];
  for (int layer = PROCESSED; layer < LAYER_COUNT; layer++)
    if (add_checked(gross, fill->out[layer])) return DLMM_MATH_OVERFLOW;
  return 0;
}

/* Takes as much of the input as the bin can use. */
static NOINLINE u64 fill_exact_in(const Pool *pool, const Bin *bin, u64 amount, Fill *fill) {
  *fill = (Fill){0};
  u64 error = pool->is_fee_on_input ? fee_of_gross(&fill->fee, amount, bin->fee_rate) : 0;
  u64 net = amount - fill->fee;
  if (!error) error = fill_layers(pool, bin, net, fill);
  if (error) return error;
  fill->amount_in = amount;
  if (fill->net_in < net) {
    if (pool->is_fee_on_input) error = fee_on_top(&fill->fee, fill->net_in, bin->fee_rate);
    if (error) return error;
    fill->amount_in = fill->net_in;
    if (add_checked(&fill->amount_in, fill->fee)) return DLMM_MATH_OVERFLOW;
  }
  error = gross_out(fill, &fill->amount_out);
  if (error) return error;
  if (!pool->is_fee_on_input) {
    error = fee_of_gross(&fill->fee, fill->amount_out, bin->fee_rate);
    if (error) return error;
    fill->amount_out -= fill->fee;
  }
  return share_fee(pool, fill);
}

/* Gives as much of the wanted output as the bin holds, for at most `most`. */
static NOINLINE u64 fill_exact_out(const Pool *pool, const Bin *bin, const u64 wanted_and_most[2], Fill *fill) {
  u64 wanted = wanted_and_most[0], most = wanted_and_most[1];
  u64 gross = wanted, fee = 0, input;
  u64 error = pool->is_fee_on_input ? 0 : fee_on_top(&fee, wanted, bin->fee_rate);
  if (error) return error;
  if (add_checked(&gross, fee)) return DLMM_MATH_OVERFLOW;
  if (gross >= available_in(bin)) {
    error = fill_exact_in(pool, bin, most, fill);
    /* A fee on the output can leave one unit more than was asked for. */
    if (!error && fill->amount_out > wanted) fill->amount_out = wanted;
    return error;
  }
  fee = 0;
  error = input_for(pool, bin, gross, &input);
  if (!error && pool->is_fee_on_input) error = fee_on_top(&fee, input, bin->fee_rate);
  if (error) return error;
  if (add_checked(&input, fee)) return DLMM_MATH_OVERFLOW;
  if (input > most) return DLMM_INSUFFICIENT_IN_AMOUNT;
  error = fill_exact_in(pool, bin, input, fill);
  if (error) return error;
  /* The input was rounded once for all layers, and each of them rounds its output down. */
  if (fill->amount_out < wanted) return DLMM_UNDETERMINED;
  u64 surplus = fill->amount_out - wanted;
  fill->amount_out = wanted;
  /* What rounding gave too much stays in the vault; but where the fee is in that token, it is the protocol's. */
  if (pool->is_fee_on_input) return 0;
  return add_checked(&fill->protocol_fee, surplus) ? DLMM_MATH_OVERFLOW : 0;
}

/* Adds the positions' fee to the growth per unit of the bin's liquidity. */
static NOINLINE u64 record_positions_fee(const Pool *pool, const Bin *bin, u64 amount) {
  Wide fee, liquidity, shifted, growth, sum;
  if (amount == 0) return 0;
  wide_load_u128(&liquidity, bin->bytes + BIN_LIQUIDITY);
  wide_shift_right_64(&shifted, &liquidity);
  if (wide_is_zero(&shifted)) return 0;
  fee = (Wide){{0, amount, 0, 0}};
  if (wide_divide_rounded(&growth, &fee, &shifted, ROUND_DOWN)) return DLMM_MATH_OVERFLOW;
  u8 *field = bin->bytes + (is_fee_in_x(pool) ? BIN_FEE_PER_LIQUIDITY_X : BIN_FEE_PER_LIQUIDITY_Y);
  wide_load_u128(&sum, field);
  if (wide_add(&sum, &sum, &growth) || !wide_fits_u128(&sum)) return DLMM_MATH_OVERFLOW;
  wide_store_u128(field, &sum);
  return 0;
}

/* Orders that were touched for the first time become those that are being filled, and later ones are of a new age. */
static NOINLINE u64 record_orders(const Pool *pool, const Bin *bin, const Fill *fill) {
  u8 *bytes = bin->bytes;
  u64 error = add_to_u64(bytes + (pool->is_x_to_y ? BIN_FILLED_Y : BIN_FILLED_X), fill->out[PROCESSED]);
  if (!error) error = add_to_u64(bytes + (pool->is_x_to_y ? BIN_FILLED_Y : BIN_FILLED_X), fill->out[OPEN]);
  if (!error) error = add_to_u64(bytes + (pool->is_x_to_y ? BIN_BID_FEE : BIN_ASK_FEE), fill->orders_fee);
  if (error) return error;
  store_u64(bytes + BIN_PROCESSED_ORDERS, bin->layers[PROCESSED] - fill->out[PROCESSED]);
  if (!fill->is_opened) return 0;
  store_u64(bytes + BIN_PROCESSING_ORDERS, bin->layers[OPEN]);
  store_u64(bytes + BIN_PROCESSED_ORDERS, bin->layers[OPEN] - fill->out[OPEN]);
  store_u64(bytes + BIN_OPEN_ORDERS, 0);
  store_u32(bytes + BIN_ORDER_AGE, load_u32(bytes + BIN_ORDER_AGE) + 1);
  return 0;
}

static NOINLINE u64 record_fill(const Pool *pool, const Bin *bin, const Fill *fill) {
  u8 *state = pool->state, *bytes = bin->bytes;
  u64 error = add_to_u64(bytes + (pool->is_x_to_y ? BIN_AMOUNT_X : BIN_AMOUNT_Y), fill->positions_in);
  if (error) return error;
  store_u64(bytes + (pool->is_x_to_y ? BIN_AMOUNT_Y : BIN_AMOUNT_X),
            bin->layers[POSITIONS] - fill->out[POSITIONS]);
  error = add_to_u64(state + (is_fee_in_x(pool) ? POOL_PROTOCOL_FEE_X : POOL_PROTOCOL_FEE_Y), fill->protocol_fee);
  if (!error) error = record_positions_fee(pool, bin, fill->positions_fee);
  u64 has_orders = bin->layers[PROCESSED] | bin->layers[OPEN];
  return error || !has_orders ? error : record_orders(pool, bin, fill);
}

#endif
