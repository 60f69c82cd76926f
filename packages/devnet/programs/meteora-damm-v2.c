/*
 * A pool with the wire format of Meteora's DAMM v2: instructions swap and swap2 with its three modes, account
 * order, account layout, event and error codes.
 *
 * Written from the interface description inside the npm package @meteora-ag/cp-amm-sdk (MIT), from recorded
 * swaps, and from what the mainnet program does beside this one.
 */
#include "anchor-log.h"
#include "concentrated-liquidity.h"
#include "damm-fees.h"
#include "token-interface.h"

typedef struct {
  Invocation invocation;
  u8 *state;
  int is_a_to_b;
  /* The fee is taken from the input; otherwise from the output. */
  int is_fee_on_input;
  int is_fee_in_a;
  int has_referral;
  int is_compounding;
  u8 mode;
  u64 amounts[2];
  u64 current_point;
  u64 now;
  u64 epoch;
  TransferFee transfer_fee_in;
  TransferFee transfer_fee_out;
  Wide liquidity;
  Wide price;
  Wide min_price;
  Wide max_price;
} Pool;

/* What one swap moves, base units. Gross amounts hold the fee. */
typedef struct {
  u64 gross_in;
  u64 net_in;
  u64 gross_out;
  u64 net_out;
  /* Of an input that is filled in part. */
  u64 amount_left;
  u64 claiming_fee;
  u64 protocol_fee;
  u64 compounding_fee;
  u64 referral_fee;
  /* Between the accounts: with the fees of the mints. */
  u64 sent_in;
  u64 received_out;
  Wide next_price;
} Swap;

INLINE Account *account(const Pool *pool, enum AccountIndex index) { return &pool->invocation.accounts[index]; }

static NOINLINE u64 check_pool_account(const Pool *pool) {
  const Account *given = account(pool, POOL);
  u64 error = check_loaded_account(given, pool->invocation.program_id, POOL_DISCRIMINATOR);
  if (error) return error;
  if (given->data_length < POOL_BYTES) panic();
  if (!given->is_writable) return ANCHOR_NOT_MUTABLE;
  if (!is_same_key(account(pool, VAULT_A)->key, given->data + POOL_VAULT_A)) return ANCHOR_HAS_ONE;
  return is_same_key(account(pool, VAULT_B)->key, given->data + POOL_VAULT_B) ? 0 : ANCHOR_HAS_ONE;
}

/* The program looks at owner and mint only; the rest is left to the token program. */
static NOINLINE u64 check_writable_token_account(const Account *given) {
  if (!given->is_writable) return ANCHOR_NOT_MUTABLE;
  if (!is_token_program(given->owner)) return ANCHOR_FOREIGN_OWNER;
  if (given->data_length < TOKEN_ACCOUNT_MINT + PUBKEY_BYTES) panic();
  return 0;
}

static NOINLINE u64 check_sides(const Pool *pool) {
  const Account *vault_a = account(pool, VAULT_A), *vault_b = account(pool, VAULT_B);
  u64 error = check_writable_token_account(vault_a);
  if (error) return error;
  if (!is_same_key(vault_a->owner, account(pool, TOKEN_PROGRAM_A)->key)) return ANCHOR_TOKEN_PROGRAM;
  error = check_writable_token_account(vault_b);
  if (error) return error;
  if (!is_same_key(vault_b->owner, account(pool, TOKEN_PROGRAM_B)->key)) return ANCHOR_TOKEN_PROGRAM;
  if (!is_same_key(vault_a->data + TOKEN_ACCOUNT_MINT, account(pool, MINT_A)->key)) return ANCHOR_TOKEN_MINT;
  if (!is_same_key(vault_b->data + TOKEN_ACCOUNT_MINT, account(pool, MINT_B)->key)) return ANCHOR_TOKEN_MINT;
  for (int index = MINT_A; index <= MINT_B; index++) {
    const Account *mint = account(pool, (enum AccountIndex)index);
    u64 error = check_token_owner(mint);
    if (error) return error;
    if (mint->data_length <= MINT_DECIMALS) return INVALID_ACCOUNT_DATA;
  }
  return 0;
}

static NOINLINE u64 check_accounts(Pool *pool) {
  if (!is_same_key(account(pool, AUTHORITY)->key, AUTHORITY_KEY)) return ANCHOR_ADDRESS;
  u64 error = check_pool_account(pool);
  for (int index = USER_IN; index <= USER_OUT && !error; index++)
    error = check_writable_token_account(account(pool, (enum AccountIndex)index));
  if (!error) error = check_sides(pool);
  if (error) return error;
  pool->state = account(pool, POOL)->data;
  if (!account(pool, PAYER)->is_signer) return ANCHOR_NOT_SIGNED;
  if (!is_same_key(account(pool, EVENT_AUTHORITY)->key, EVENT_AUTHORITY_KEY)) return ANCHOR_SEEDS;
  pool->has_referral = !is_same_key(account(pool, REFERRAL)->key, pool->invocation.program_id);
  return pool->has_referral ? check_writable_token_account(account(pool, REFERRAL)) : 0;
}

/* The mint of the user's input account says which way the swap goes. */
static NOINLINE u64 read_direction(Pool *pool) {
  const u8 *mint = account(pool, USER_IN)->data + TOKEN_ACCOUNT_MINT;
  pool->is_a_to_b = is_same_key(mint, account(pool, MINT_A)->key);
  u8 mode = pool->state[POOL_COLLECT_FEE_MODE];
  if (mode > FEE_COMPOUNDING) return DAMM_INVALID_COLLECT_FEE_MODE;
  pool->is_compounding = mode == FEE_COMPOUNDING;
  pool->is_fee_on_input = mode != FEE_ON_OUTPUT && !pool->is_a_to_b;
  pool->is_fee_in_a = mode == FEE_ON_OUTPUT && !pool->is_a_to_b;
  read_transfer_fee(&pool->transfer_fee_in, account(pool, pool->is_a_to_b ? MINT_A : MINT_B), pool->epoch);
  read_transfer_fee(&pool->transfer_fee_out, account(pool, pool->is_a_to_b ? MINT_B : MINT_A), pool->epoch);
  return 0;
}

static NOINLINE u64 read_clock(Pool *pool) {
  Clock clock;
  sol_get_clock_sysvar(&clock);
  u8 activation_type = pool->state[POOL_ACTIVATION_TYPE];
  if (activation_type > ACTIVATED_BY_TIMESTAMP) return DAMM_INVALID_ACTIVATION_TYPE;
  pool->now = (u64)clock.unix_timestamp;
  pool->epoch = clock.epoch;
  pool->current_point = activation_type == ACTIVATED_BY_SLOT ? clock.slot : pool->now;
  if (pool->state[POOL_STATUS] != 0) return DAMM_POOL_DISABLED;
  return pool->current_point < load_u64(pool->state + POOL_ACTIVATION_POINT) ? DAMM_POOL_DISABLED : 0;
}

/*
 * While a rate limiter is active, a purchase must not be split within one transaction: an instruction before this one
 * that names the pool is refused. The sysvar holds a count, that many offsets, the instructions (count of accounts,
 * then flags and key of each), and the index of the current one (solana-instructions-sysvar, src/lib.rs).
 */
static NOINLINE u64 check_single_swap(const Pool *pool) {
  if (!is_rate_limited(pool->state, pool->current_point, pool->is_a_to_b)) return 0;
  if (pool->invocation.account_count <= ACCOUNT_COUNT) return DAMM_SEVERAL_SWAPS;
  const Account *sysvar = &pool->invocation.accounts[ACCOUNT_COUNT];
  if (!is_same_key(sysvar->key, INSTRUCTIONS_KEY)) return UNSUPPORTED_SYSVAR;
  const u8 *data = sysvar->data, *key = account(pool, POOL)->key;
  u64 current = load_u16(data + sysvar->data_length - 2);
  for (u64 i = 0; i < current; i++) {
    const u8 *instruction = data + load_u16(data + 2 + 2 * i);
    u64 count = load_u16(instruction);
    for (u64 at = 0; at < count; at++)
      if (is_same_key(instruction + 2 + 33 * at + 1, key)) return DAMM_SEVERAL_SWAPS;
  }
  return 0;
}

static NOINLINE void read_pool(Pool *pool) {
  const u8 *state = pool->state;
  wide_load_u128(&pool->liquidity, state + POOL_LIQUIDITY);
  wide_load_u128(&pool->price, state + POOL_SQRT_PRICE);
  wide_load_u128(&pool->min_price, state + POOL_SQRT_MIN_PRICE);
  wide_load_u128(&pool->max_price, state + POOL_SQRT_MAX_PRICE);
}

static NOINLINE u64 fee_numerator(const Pool *pool, u64 *numerator, u64 amount, int is_included) {
  FeeContext context = {pool->current_point, amount, is_included, pool->is_a_to_b};
  return total_fee(numerator, pool->state, &context);
}

/* A pool of layout version 0 does not track its reserves yet: the first swap derives them. */
static NOINLINE u64 start_tracking_reserves(Pool *pool) {
  u8 *state = pool->state;
  if (state[POOL_LAYOUT_VERSION] != 0) return 0;
  PriceRange above, below;
  Wide amount_a, amount_b;
  wide_copy(&above.low, &pool->price);
  wide_copy(&above.high, &pool->max_price);
  wide_copy(&below.low, &pool->min_price);
  wide_copy(&below.high, &pool->price);
  u64 error = amount_a_between(&amount_a, &pool->liquidity, &above, ROUND_UP);
  if (!error) error = amount_b_between(&amount_b, &pool->liquidity, &below, ROUND_UP);
  if (error) return error;
  if (!wide_fits_u64(&amount_a) || !wide_fits_u64(&amount_b)) return DAMM_MATH_OVERFLOW;
  store_u64(state + POOL_TOKEN_A_AMOUNT, amount_a.limb[0]);
  store_u64(state + POOL_TOKEN_B_AMOUNT, amount_b.limb[0]);
  state[POOL_LAYOUT_VERSION] = 1;
  return 0;
}

/* Splits a fee into the parts of the protocol, the referrer, the reserves and the liquidity providers. */
static NOINLINE u64 split_fee(const Pool *pool, u64 fee, Swap *swap) {
  u64 protocol[2] = {fee, pool->state[POOL_PROTOCOL_FEE_PERCENT]};
  if (multiply_divide(&swap->protocol_fee, protocol, 100, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  if (swap->protocol_fee > fee) return DAMM_MATH_OVERFLOW;
  u64 trading = fee - swap->protocol_fee;
  u64 compounding[2] = {trading, pool->is_compounding ? load_u16(pool->state + POOL_COMPOUNDING_FEE_BPS) : 0};
  if (multiply_divide(&swap->compounding_fee, compounding, BASIS_POINTS, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  if (swap->compounding_fee > trading) return DAMM_MATH_OVERFLOW;
  swap->claiming_fee = trading - swap->compounding_fee;
  swap->referral_fee = 0;
  if (pool->has_referral) {
    u64 referral[2] = {swap->protocol_fee, pool->state[POOL_REFERRAL_FEE_PERCENT]};
    if (multiply_divide(&swap->referral_fee, referral, 100, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
    if (swap->referral_fee > swap->protocol_fee) return DAMM_MATH_OVERFLOW;
    swap->protocol_fee -= swap->referral_fee;
  }
  return 0;
}

/* Takes a fee from an amount that includes it. */
static NOINLINE u64 deduct_fee(const Pool *pool, u64 gross, u64 numerator, u64 *net, Swap *swap) {
  u64 factors[2] = {gross, numerator}, fee;
  if (multiply_divide(&fee, factors, FEE_DENOMINATOR, ROUND_UP) || fee > gross) return DAMM_MATH_OVERFLOW;
  *net = gross - fee;
  return split_fee(pool, fee, swap);
}

/* Finds the amount that leaves `net` after the fee. */
static NOINLINE u64 add_fee(const Pool *pool, u64 net, u64 *gross, Swap *swap) {
  u64 numerator;
  u64 error = fee_numerator(pool, &numerator, net, 0);
  if (error) return error;
  u64 factors[2] = {net, FEE_DENOMINATOR};
  if (numerator > FEE_DENOMINATOR) return DAMM_MATH_OVERFLOW;
  if (multiply_divide(gross, factors, FEE_DENOMINATOR - numerator, ROUND_UP)) return DAMM_MATH_OVERFLOW;
  return split_fee(pool, *gross - net, swap);
}

INLINE void order_prices(PriceRange *range, const Wide *a, const Wide *b) {
  int is_ordered = wide_is_less(a, b);
  wide_copy(&range->low, is_ordered ? a : b);
  wide_copy(&range->high, is_ordered ? b : a);
}

/* What lies between the current price and another one, in the token that enters or the one that leaves. */
static NOINLINE u64 amount_to_price(const Pool *pool, const Wide *target, int of_input, u64 *amount) {
  PriceRange range;
  Wide exact;
  order_prices(&range, &pool->price, target);
  enum Rounding rounding = of_input ? ROUND_UP : ROUND_DOWN;
  int in_a = of_input == pool->is_a_to_b;
  u64 error = in_a ? amount_a_between(&exact, &pool->liquidity, &range, rounding)
                   : amount_b_between(&exact, &pool->liquidity, &range, rounding);
  if (error) return error;
  if (!wide_fits_u64(&exact)) return DAMM_MATH_OVERFLOW;
  *amount = exact.limb[0];
  return 0;
}

static NOINLINE u64 check_price_range(const Pool *pool, const Wide *next) {
  if (pool->is_a_to_b) return wide_is_less(next, &pool->min_price) ? DAMM_PRICE_RANGE_VIOLATION : 0;
  return wide_is_less(&pool->max_price, next) ? DAMM_PRICE_RANGE_VIOLATION : 0;
}

INLINE u64 reserve(const Pool *pool, int of_input) {
  return load_u64(pool->state + (of_input == pool->is_a_to_b ? POOL_TOKEN_A_AMOUNT : POOL_TOKEN_B_AMOUNT));
}

/* Of a pool that compounds: out = in * reserve out / (reserve in + in). */
static NOINLINE u64 compound_net_in(const Pool *pool, u64 net_in, Swap *swap) {
  u64 factors[2] = {net_in, reserve(pool, 0)}, after = reserve(pool, 1);
  if (add_checked(&after, net_in)) return DAMM_MATH_OVERFLOW;
  wide_set(&swap->next_price, 0);
  swap->net_in = net_in;
  return multiply_divide(&swap->gross_out, factors, after, ROUND_DOWN) ? DAMM_MATH_OVERFLOW : 0;
}

static NOINLINE u64 compound_gross_out(const Pool *pool, Swap *swap) {
  u64 factors[2] = {reserve(pool, 1), swap->gross_out}, held = reserve(pool, 0);
  if (swap->gross_out >= held) return DAMM_MATH_OVERFLOW;
  wide_set(&swap->next_price, 0);
  return multiply_divide(&swap->net_in, factors, held - swap->gross_out, ROUND_UP) ? DAMM_TYPE_CAST_FAILED : 0;
}

/* Moves the price by what enters the pool. */
static NOINLINE u64 swap_net_in(const Pool *pool, u64 net_in, Swap *swap) {
  if (pool->is_compounding) return compound_net_in(pool, net_in, swap);
  u64 error = pool->is_a_to_b ? price_after_a(&swap->next_price, &pool->liquidity, &pool->price, net_in, 1)
                              : price_after_b(&swap->next_price, &pool->liquidity, &pool->price, net_in, 1);
  if (!error) error = check_price_range(pool, &swap->next_price);
  if (!error) error = amount_to_price(pool, &swap->next_price, 0, &swap->gross_out);
  swap->net_in = net_in;
  return error;
}

static NOINLINE u64 quote_exact_in(const Pool *pool, u64 amount_in, Swap *swap) {
  u64 net_in = amount_in, numerator;
  u64 error = fee_numerator(pool, &numerator, amount_in, 1);
  if (error) return error;
  swap->gross_in = amount_in;
  swap->amount_left = 0;
  if (pool->is_fee_on_input) error = deduct_fee(pool, amount_in, numerator, &net_in, swap);
  if (!error) error = swap_net_in(pool, net_in, swap);
  if (error) return error;
  swap->net_out = swap->gross_out;
  return pool->is_fee_on_input ? 0 : deduct_fee(pool, swap->gross_out, numerator, &swap->net_out, swap);
}

/* Whether `net_in` reaches the end of the pool's range; then `*most` is what the pool takes. */
static NOINLINE u64 limit_to_range(const Pool *pool, u64 net_in, u64 *most, int *is_limited) {
  PriceRange range;
  Wide exact, wanted;
  order_prices(&range, &pool->price, pool->is_a_to_b ? &pool->min_price : &pool->max_price);
  u64 error = pool->is_a_to_b ? amount_a_between(&exact, &pool->liquidity, &range, ROUND_UP)
                              : amount_b_between(&exact, &pool->liquidity, &range, ROUND_UP);
  if (error) return error;
  wide_set(&wanted, net_in);
  *is_limited = !wide_is_less(&wanted, &exact);
  *most = *is_limited ? exact.limb[0] : net_in;
  return 0;
}

/* As exact in, but stops at the end of the price range and takes only what was used. */
static NOINLINE u64 quote_partial_fill(const Pool *pool, u64 amount_in, Swap *swap) {
  u64 net_in = amount_in, most, numerator;
  int is_limited;
  if (pool->is_compounding) return quote_exact_in(pool, amount_in, swap);
  u64 error = fee_numerator(pool, &numerator, amount_in, 1);
  if (!error && pool->is_fee_on_input) error = deduct_fee(pool, amount_in, numerator, &net_in, swap);
  if (!error) error = limit_to_range(pool, net_in, &most, &is_limited);
  if (error) return error;
  if (!is_limited) return quote_exact_in(pool, amount_in, swap);
  wide_copy(&swap->next_price, pool->is_a_to_b ? &pool->min_price : &pool->max_price);
  error = amount_to_price(pool, &swap->next_price, 0, &swap->gross_out);
  if (error) return error;
  swap->net_in = most;
  swap->amount_left = net_in - most;
  swap->net_out = swap->gross_out;
  swap->gross_in = net_in == most ? amount_in : most;
  if (!pool->is_fee_on_input) return deduct_fee(pool, swap->gross_out, numerator, &swap->net_out, swap);
  return net_in == most ? 0 : add_fee(pool, most, &swap->gross_in, swap);
}

static NOINLINE u64 quote_exact_out(const Pool *pool, u64 amount_out, Swap *swap) {
  u64 error = 0;
  swap->net_out = amount_out;
  swap->gross_out = amount_out;
  swap->amount_left = 0;
  if (!pool->is_fee_on_input) error = add_fee(pool, amount_out, &swap->gross_out, swap);
  if (error) return error;
  if (pool->is_compounding) {
    error = compound_gross_out(pool, swap);
    swap->gross_in = swap->net_in;
    return error || !pool->is_fee_on_input ? error : add_fee(pool, swap->net_in, &swap->gross_in, swap);
  }
  error = pool->is_a_to_b ? price_after_b(&swap->next_price, &pool->liquidity, &pool->price, swap->gross_out, 0)
                              : price_after_a(&swap->next_price, &pool->liquidity, &pool->price, swap->gross_out, 0);
  if (!error) error = check_price_range(pool, &swap->next_price);
  if (!error) error = amount_to_price(pool, &swap->next_price, 1, &swap->net_in);
  if (error) return error;
  swap->gross_in = swap->net_in;
  return pool->is_fee_on_input ? add_fee(pool, swap->net_in, &swap->gross_in, swap) : 0;
}

/* What must be sent so that `net` arrives, as the program computes it. */
static NOINLINE u64 with_transfer_fee(const TransferFee *fee, u64 net, u64 *sent) {
  u64 withheld = fee->maximum, check;
  *sent = net;
  if (net == 0 || fee->basis_points == 0) return 0;
  if (fee->basis_points < TRANSFER_FEE_BASIS_POINTS) {
    u64 before;
    if (amount_before_transfer_fee(&before, fee, net)) return DAMM_MATH_OVERFLOW;
    if (transfer_fee_of(&withheld, fee, before)) return DAMM_MATH_OVERFLOW;
  }
  if (add_checked(sent, withheld)) return DAMM_MATH_OVERFLOW;
  if (transfer_fee_of(&check, fee, *sent)) return DAMM_MATH_OVERFLOW;
  return check == withheld ? 0 : DAMM_TRANSFER_FEE_MISMATCH;
}

static NOINLINE u64 without_transfer_fee(const TransferFee *fee, u64 sent, u64 *net) {
  u64 withheld;
  if (transfer_fee_of(&withheld, fee, sent) || withheld > sent) return DAMM_MATH_OVERFLOW;
  *net = sent - withheld;
  return 0;
}

/* The program logs no amounts here. */
#define LOG_EXCEEDED_SLIPPAGE(place)                                                            \
  LOG_ANCHOR_ERROR("programs/cp-amm/src/instructions/swap/" place, "ExceededSlippage", "6002", \
                   "Exceeded slippage tolerance")

static NOINLINE u64 quote_out(const Pool *pool, Swap *swap) {
  u64 leaving;
  u64 error = with_transfer_fee(&pool->transfer_fee_out, pool->amounts[0], &leaving);
  if (error) return error;
  if (leaving == 0) return DAMM_AMOUNT_IS_ZERO;
  error = quote_exact_out(pool, leaving, swap);
  if (!error) error = with_transfer_fee(&pool->transfer_fee_in, swap->gross_in, &swap->sent_in);
  if (error) return error;
  swap->received_out = pool->amounts[0];
  if (swap->sent_in <= pool->amounts[1]) return 0;
  LOG_EXCEEDED_SLIPPAGE("swap_exact_out.rs:48");
  return DAMM_EXCEEDED_SLIPPAGE;
}

static NOINLINE u64 quote_in(const Pool *pool, Swap *swap) {
  u64 arriving;
  u64 error = without_transfer_fee(&pool->transfer_fee_in, pool->amounts[0], &arriving);
  if (error) return error;
  if (arriving == 0) return DAMM_AMOUNT_IS_ZERO;
  swap->sent_in = pool->amounts[0];
  if (pool->mode == EXACT_IN)
    error = quote_exact_in(pool, arriving, swap);
  else {
    error = quote_partial_fill(pool, arriving, swap);
    if (!error && swap->gross_in == 0) error = DAMM_AMOUNT_IS_ZERO;
    if (!error) error = with_transfer_fee(&pool->transfer_fee_in, swap->gross_in, &swap->sent_in);
  }
  if (!error) error = without_transfer_fee(&pool->transfer_fee_out, swap->net_out, &swap->received_out);
  if (error) return error;
  if (swap->received_out >= pool->amounts[1]) return 0;
  if (pool->mode == EXACT_IN)
    LOG_EXCEEDED_SLIPPAGE("swap_exact_in.rs:45");
  else
    LOG_EXCEEDED_SLIPPAGE("swap_partial_fill.rs:52");
  return DAMM_EXCEEDED_SLIPPAGE;
}

INLINE int add_to_u64(u8 *field, u64 amount) {
  u64 value = load_u64(field);
  if (add_checked(&value, amount)) return 1;
  store_u64(field, value);
  return 0;
}

/* Adds the fee to the growth per unit of liquidity and to the pool's sums. */
static NOINLINE u64 record_fee(Pool *pool, const Swap *swap) {
  u8 *state = pool->state;
  int in_a = pool->is_fee_in_a;
  u8 *growth_field = state + (in_a ? POOL_FEE_PER_LIQUIDITY_A : POOL_FEE_PER_LIQUIDITY_B);
  u8 *lp_field = state + (in_a ? POOL_TOTAL_LP_FEE_A : POOL_TOTAL_LP_FEE_B);
  Wide fee, scaled, growth, sum;
  wide_set(&fee, swap->claiming_fee);
  wide_shift_left_128(&scaled, &fee);
  if (wide_divide_rounded(&growth, &scaled, &pool->liquidity, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  wide_load_u256(&sum, growth_field);
  if (wide_add(&sum, &sum, &growth)) return DAMM_MATH_OVERFLOW;
  wide_store_u256(growth_field, &sum);

  wide_set(&growth, swap->compounding_fee);
  wide_load_u128(&sum, lp_field);
  wide_add(&sum, &sum, &growth);
  if (wide_add(&sum, &sum, &fee) || !wide_fits_u128(&sum)) return DAMM_MATH_OVERFLOW;
  wide_store_u128(lp_field, &sum);
  if (add_to_u64(state + (in_a ? POOL_PROTOCOL_FEE_A : POOL_PROTOCOL_FEE_B), swap->protocol_fee))
    return DAMM_MATH_OVERFLOW;
  if (add_to_u64(state + (in_a ? POOL_TOTAL_PROTOCOL_FEE_A : POOL_TOTAL_PROTOCOL_FEE_B), swap->protocol_fee))
    return DAMM_MATH_OVERFLOW;
  return 0;
}

/* A pool that compounds keeps a part of the fee, and its price follows from its reserves. */
static NOINLINE u64 compound(const Pool *pool, Swap *swap) {
  u8 *state = pool->state;
  if (!pool->is_compounding) return 0;
  if (add_to_u64(state + POOL_TOKEN_B_AMOUNT, swap->compounding_fee)) return DAMM_MATH_OVERFLOW;
  Wide a, b, scaled, ratio, remainder;
  wide_set(&a, load_u64(state + POOL_TOKEN_A_AMOUNT));
  wide_set(&b, load_u64(state + POOL_TOKEN_B_AMOUNT));
  wide_shift_left_128(&scaled, &b);
  if (wide_divide(&ratio, &remainder, &scaled, &a)) return DAMM_MATH_OVERFLOW;
  wide_square_root(&swap->next_price, &ratio);
  return 0;
}

static NOINLINE u64 record_swap(Pool *pool, Swap *swap) {
  u8 *state = pool->state;
  u64 error = record_fee(pool, swap);
  if (error) return error;
  u8 *in_field = state + (pool->is_a_to_b ? POOL_TOKEN_A_AMOUNT : POOL_TOKEN_B_AMOUNT);
  u8 *out_field = state + (pool->is_a_to_b ? POOL_TOKEN_B_AMOUNT : POOL_TOKEN_A_AMOUNT);
  if (add_to_u64(in_field, swap->net_in)) return DAMM_MATH_OVERFLOW;
  u64 held = load_u64(out_field);
  if (held < swap->gross_out) return DAMM_MATH_OVERFLOW;
  store_u64(out_field, held - swap->gross_out);
  error = compound(pool, swap);
  if (error) return error;
  wide_store_u128(state + POOL_SQRT_PRICE, &swap->next_price);
  return update_volatility(state, &pool->price, &swap->next_price, pool->now);
}

static NOINLINE u64 send_from_pool(const Pool *pool, int in_a, enum AccountIndex destination, u64 amount) {
  Seed seeds[2] = {{AUTHORITY_SEED, sizeof(AUTHORITY_SEED) - 1}, {AUTHORITY_BUMP, 1}};
  SignerSeeds signer = {seeds, 2};
  Transfer transfer = {&pool->invocation,
                       account(pool, in_a ? TOKEN_PROGRAM_A : TOKEN_PROGRAM_B),
                       account(pool, in_a ? VAULT_A : VAULT_B),
                       account(pool, in_a ? MINT_A : MINT_B),
                       account(pool, destination),
                       account(pool, AUTHORITY),
                       &signer,
                       amount};
  return transfer_checked(&transfer);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Swap *swap) {
  int in_a = pool->is_a_to_b;
  Transfer from_user = {&pool->invocation,
                        account(pool, in_a ? TOKEN_PROGRAM_A : TOKEN_PROGRAM_B),
                        account(pool, USER_IN),
                        account(pool, in_a ? MINT_A : MINT_B),
                        account(pool, in_a ? VAULT_A : VAULT_B),
                        account(pool, PAYER),
                        0,
                        swap->sent_in};
  u64 error = transfer_checked(&from_user);
  if (!error) error = send_from_pool(pool, !in_a, USER_OUT, swap->net_out);
  if (!error && pool->has_referral) error = send_from_pool(pool, pool->is_fee_in_a, REFERRAL, swap->referral_fee);
  return error;
}

/* As Anchor's emit_cpi: the event is the data of an instruction that the program sends to itself. */
static NOINLINE u64 emit_event(const Pool *pool, const Swap *swap) {
  const u8 *state = pool->state, *key = account(pool, POOL)->key;
  u8 event[EVENT_BYTES];
  store_u64(event, EVENT_INSTRUCTION);
  store_u64(event + 8, SWAP_EVENT);
  for (int i = 0; i < 32; i += 8) store_u64(event + EVENT_POOL + i, load_u64(key + i));
  event[EVENT_DIRECTION] = (u8)!pool->is_a_to_b;
  event[EVENT_COLLECT_FEE_MODE] = state[POOL_COLLECT_FEE_MODE];
  event[EVENT_HAS_REFERRAL] = (u8)pool->has_referral;
  store_u64(event + EVENT_AMOUNT_0, pool->amounts[0]);
  store_u64(event + EVENT_AMOUNT_1, pool->amounts[1]);
  event[EVENT_MODE] = pool->mode;
  store_u64(event + EVENT_GROSS_IN, swap->gross_in);
  store_u64(event + EVENT_NET_IN, swap->net_in);
  store_u64(event + EVENT_AMOUNT_LEFT, swap->amount_left);
  store_u64(event + EVENT_AMOUNT_OUT, swap->net_out);
  wide_store_u128(event + EVENT_NEXT_PRICE, &swap->next_price);
  store_u64(event + EVENT_CLAIMING_FEE, swap->claiming_fee);
  store_u64(event + EVENT_PROTOCOL_FEE, swap->protocol_fee);
  store_u64(event + EVENT_COMPOUNDING_FEE, swap->compounding_fee);
  store_u64(event + EVENT_REFERRAL_FEE, swap->referral_fee);
  store_u64(event + EVENT_SENT_IN, swap->sent_in);
  store_u64(event + EVENT_SENT_OUT, swap->net_out);
  store_u64(event + EVENT_RECEIVED_OUT, swap->received_out);
  store_u64(event + EVENT_TIME, pool->now);
  store_u64(event + EVENT_RESERVE_A, load_u64(state + POOL_TOKEN_A_AMOUNT));
  store_u64(event + EVENT_RESERVE_B, load_u64(state + POOL_TOKEN_B_AMOUNT));

  Seed seeds[2] = {{EVENT_AUTHORITY_SEED, sizeof(EVENT_AUTHORITY_SEED) - 1}, {EVENT_AUTHORITY_BUMP, 1}};
  SignerSeeds signer = {seeds, 2};
  AccountMeta meta = {account(pool, EVENT_AUTHORITY)->key, 0, 1};
  Instruction instruction = {pool->invocation.program_id, &meta, 1, event, sizeof(event)};
  return sol_invoke_signed_c(&instruction, pool->invocation.accounts, (int)pool->invocation.account_count, &signer, 1);
}

static NOINLINE u64 swap_tokens(Pool *pool) {
  Swap swap;
  u64 error = check_accounts(pool);
  if (!error) error = read_clock(pool);
  if (!error && pool->mode > EXACT_OUT) error = DAMM_INVALID_INPUT;
  if (!error && pool->amounts[0] == 0) error = DAMM_AMOUNT_IS_ZERO;
  if (!error) error = read_direction(pool);
  if (!error) error = check_single_swap(pool);
  if (error) return error;
  read_pool(pool);
  error = start_tracking_reserves(pool);
  if (!error) error = update_volatility_reference(pool->state, pool->now);
  if (!error) error = pool->mode == EXACT_OUT ? quote_out(pool, &swap) : quote_in(pool, &swap);
  if (!error) error = record_swap(pool, &swap);
  if (!error) error = move_tokens(pool, &swap);
  if (!error) error = emit_event(pool, &swap);
  return error;
}

/* The event that the program sent to itself: only it can sign for the event authority. */
static NOINLINE u64 receive_event(const Invocation *invocation) {
  if (invocation->account_count < 1) return ANCHOR_TOO_FEW_ACCOUNTS;
  if (!invocation->accounts[0].is_signer) return ANCHOR_SIGNER;
  return is_same_key(invocation->accounts[0].key, EVENT_AUTHORITY_KEY) ? 0 : ANCHOR_SEEDS;
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  u64 length = pool.invocation.data_length, discriminator = length < 8 ? 0 : load_u64(data);
  if (discriminator == EVENT_INSTRUCTION) return receive_event(&pool.invocation);
  if (discriminator != SWAP && discriminator != SWAP2) return ANCHOR_UNKNOWN_INSTRUCTION;
  if (length < (discriminator == SWAP ? 24 : 25)) return ANCHOR_BAD_INSTRUCTION_DATA;
  if (pool.invocation.account_count < ACCOUNT_COUNT) return ANCHOR_TOO_FEW_ACCOUNTS;
  pool.amounts[0] = load_u64(data + 8);
  pool.amounts[1] = load_u64(data + 16);
  pool.mode = discriminator == SWAP ? EXACT_IN : data[24];
  return swap_tokens(&pool);
}
