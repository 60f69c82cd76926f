/*
 * A pool with the wire format of Meteora's DAMM v2: instruction swap2 with its three modes, account order,
 * account layout and error codes.
 *
 * Written from the interface description inside the npm package @meteora-ag/cp-amm-sdk (MIT) and from
 * recorded swaps.
 *
 * Serves: exact in, partial fill and exact out, both ways; fees on the output or in token B, by all schedulers, with the
 * dynamic part; referrals; mints of SPL Token and of Token-2022 without extensions.
 * Refuses with an error code: compounding pools, an active rate limiter, mints with extensions.
 * Leaves as they are: rewards. Emits no swap event.
 */
#include "concentrated-liquidity.h"
#include "damm-fees.h"
#include "token.h"

typedef struct {
  Invocation invocation;
  u8 *state;
  int is_a_to_b;
  /* The fee is taken from the input; otherwise from the output. */
  int is_fee_on_input;
  int is_fee_in_a;
  int has_referral;
  u64 current_point;
  u64 now;
  u64 fee_numerator;
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
  u64 fee;
  u64 lp_fee;
  u64 protocol_fee;
  u64 referral_fee;
  Wide next_price;
} Swap;

INLINE Account *account(const Pool *pool, enum AccountIndex index) { return &pool->invocation.accounts[index]; }

static NOINLINE u64 check_accounts(Pool *pool) {
  const Account *pool_account = account(pool, POOL);
  const u8 *program_id = pool->invocation.program_id;
  if (!is_same_key(account(pool, AUTHORITY)->key, AUTHORITY_KEY)) return ANCHOR_ADDRESS;
  if (!is_same_key(pool_account->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (pool_account->data_length < POOL_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  if (load_u64(pool_account->data) != POOL_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  if (!pool_account->is_writable) return ANCHOR_NOT_WRITABLE;
  pool->state = pool_account->data;
  if (!is_same_key(account(pool, VAULT_A)->key, pool->state + POOL_VAULT_A)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, VAULT_B)->key, pool->state + POOL_VAULT_B)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, MINT_A)->key, pool->state + POOL_MINT_A)) return ANCHOR_TOKEN_MINT;
  if (!is_same_key(account(pool, MINT_B)->key, pool->state + POOL_MINT_B)) return ANCHOR_TOKEN_MINT;
  if (!account(pool, PAYER)->is_signer) return ANCHOR_NOT_SIGNED;
  if (!is_same_key(account(pool, EVENT_AUTHORITY)->key, EVENT_AUTHORITY_KEY)) return ANCHOR_SEEDS;
  if (!is_same_key(account(pool, PROGRAM)->key, program_id)) return ANCHOR_ADDRESS;
  pool->has_referral = !is_same_key(account(pool, REFERRAL)->key, program_id);

  PoolSide side = {account(pool, VAULT_A), account(pool, MINT_A), account(pool, TOKEN_PROGRAM_A)};
  u64 error = check_pool_side(&side, DAMM_UNSUPPORTED_MINT);
  if (error) return error;
  side = (PoolSide){account(pool, VAULT_B), account(pool, MINT_B), account(pool, TOKEN_PROGRAM_B)};
  return check_pool_side(&side, DAMM_UNSUPPORTED_MINT);
}

/* The mint of the user's input account says which way the swap goes. */
static NOINLINE u64 read_direction(Pool *pool) {
  const Account *user_in = account(pool, USER_IN);
  if (user_in->data_length < TOKEN_ACCOUNT_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  const u8 *mint = user_in->data + TOKEN_ACCOUNT_MINT;
  pool->is_a_to_b = is_same_key(mint, account(pool, MINT_A)->key);
  if (!pool->is_a_to_b && !is_same_key(mint, account(pool, MINT_B)->key)) return ANCHOR_TOKEN_MINT;

  u8 mode = pool->state[POOL_COLLECT_FEE_MODE];
  if (mode != FEE_ON_OUTPUT && mode != FEE_ON_TOKEN_B) return DAMM_INVALID_COLLECT_FEE_MODE;
  pool->is_fee_on_input = mode == FEE_ON_TOKEN_B && !pool->is_a_to_b;
  pool->is_fee_in_a = mode == FEE_ON_OUTPUT && !pool->is_a_to_b;
  return 0;
}

static NOINLINE u64 read_clock(Pool *pool) {
  Clock clock;
  sol_get_clock_sysvar(&clock);
  u8 activation_type = pool->state[POOL_ACTIVATION_TYPE];
  if (activation_type > ACTIVATED_BY_TIMESTAMP) return DAMM_INVALID_ACTIVATION_TYPE;
  pool->now = (u64)clock.unix_timestamp;
  pool->current_point = activation_type == ACTIVATED_BY_SLOT ? clock.slot : pool->now;
  if (pool->state[POOL_STATUS] != 0) return DAMM_POOL_DISABLED;
  return pool->current_point < load_u64(pool->state + POOL_ACTIVATION_POINT) ? DAMM_POOL_DISABLED : 0;
}

static NOINLINE u64 read_pool(Pool *pool) {
  const u8 *state = pool->state;
  wide_load_u128(&pool->liquidity, state + POOL_LIQUIDITY);
  wide_load_u128(&pool->price, state + POOL_SQRT_PRICE);
  wide_load_u128(&pool->min_price, state + POOL_SQRT_MIN_PRICE);
  wide_load_u128(&pool->max_price, state + POOL_SQRT_MAX_PRICE);
  if (wide_is_zero(&pool->liquidity) || wide_is_zero(&pool->price)) return DAMM_MATH_OVERFLOW;
  return total_fee(&pool->fee_numerator, state, pool->current_point, pool->is_a_to_b);
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

/* Splits a fee into the parts of the protocol, the referrer and the liquidity providers. */
static NOINLINE u64 split_fee(const Pool *pool, u64 fee, Swap *swap) {
  u64 protocol[2] = {fee, pool->state[POOL_PROTOCOL_FEE_PERCENT]};
  if (multiply_divide(&swap->protocol_fee, protocol, 100, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  if (swap->protocol_fee > fee) return DAMM_MATH_OVERFLOW;
  swap->fee = fee;
  swap->lp_fee = fee - swap->protocol_fee;
  swap->referral_fee = 0;
  if (pool->has_referral) {
    u64 referral[2] = {swap->protocol_fee, pool->state[POOL_REFERRAL_FEE_PERCENT]};
    if (multiply_divide(&swap->referral_fee, referral, 100, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
    if (swap->referral_fee > swap->protocol_fee) return DAMM_MATH_OVERFLOW;
    swap->protocol_fee -= swap->referral_fee;
  }
  return 0;
}

/* Takes the fee from an amount that includes it. */
static NOINLINE u64 deduct_fee(const Pool *pool, u64 gross, u64 *net, Swap *swap) {
  u64 factors[2] = {gross, pool->fee_numerator}, fee;
  if (multiply_divide(&fee, factors, FEE_DENOMINATOR, ROUND_UP) || fee > gross) return DAMM_MATH_OVERFLOW;
  *net = gross - fee;
  return split_fee(pool, fee, swap);
}

/* Finds the amount that leaves `net` after the fee. */
static NOINLINE u64 add_fee(const Pool *pool, u64 net, u64 *gross, Swap *swap) {
  u64 factors[2] = {net, FEE_DENOMINATOR};
  if (multiply_divide(gross, factors, FEE_DENOMINATOR - pool->fee_numerator, ROUND_UP)) return DAMM_MATH_OVERFLOW;
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

/* Moves the price by what enters the pool. */
static NOINLINE u64 swap_net_in(const Pool *pool, u64 net_in, Swap *swap) {
  u64 error = pool->is_a_to_b ? price_after_a(&swap->next_price, &pool->liquidity, &pool->price, net_in, 1)
                              : price_after_b(&swap->next_price, &pool->liquidity, &pool->price, net_in, 1);
  if (!error) error = check_price_range(pool, &swap->next_price);
  if (!error) error = amount_to_price(pool, &swap->next_price, 0, &swap->gross_out);
  swap->net_in = net_in;
  return error;
}

static NOINLINE u64 quote_exact_in(const Pool *pool, u64 amount_in, Swap *swap) {
  u64 net_in = amount_in;
  swap->gross_in = amount_in;
  if (pool->is_fee_on_input) {
    u64 error = deduct_fee(pool, amount_in, &net_in, swap);
    if (error) return error;
  }
  u64 error = swap_net_in(pool, net_in, swap);
  if (error) return error;
  swap->net_out = swap->gross_out;
  return pool->is_fee_on_input ? 0 : deduct_fee(pool, swap->gross_out, &swap->net_out, swap);
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
  u64 net_in = amount_in, most;
  int is_limited;
  if (pool->is_fee_on_input) {
    u64 error = deduct_fee(pool, amount_in, &net_in, swap);
    if (error) return error;
  }
  u64 error = limit_to_range(pool, net_in, &most, &is_limited);
  if (error) return error;
  if (!is_limited) {
    error = quote_exact_in(pool, amount_in, swap);
    if (error) return error;
    return swap->gross_in == 0 ? DAMM_AMOUNT_IS_ZERO : 0;
  }
  wide_copy(&swap->next_price, pool->is_a_to_b ? &pool->min_price : &pool->max_price);
  error = amount_to_price(pool, &swap->next_price, 0, &swap->gross_out);
  if (error) return error;
  swap->net_in = most;
  swap->net_out = swap->gross_out;
  swap->gross_in = net_in == most ? amount_in : most;
  if (!pool->is_fee_on_input)
    error = deduct_fee(pool, swap->gross_out, &swap->net_out, swap);
  else if (net_in != most)
    error = add_fee(pool, most, &swap->gross_in, swap);
  if (error) return error;
  return swap->gross_in == 0 ? DAMM_AMOUNT_IS_ZERO : 0;
}

static NOINLINE u64 quote_exact_out(const Pool *pool, u64 amount_out, Swap *swap) {
  swap->net_out = amount_out;
  swap->gross_out = amount_out;
  if (!pool->is_fee_on_input) {
    u64 error = add_fee(pool, amount_out, &swap->gross_out, swap);
    if (error) return error;
  }
  u64 error = pool->is_a_to_b ? price_after_b(&swap->next_price, &pool->liquidity, &pool->price, swap->gross_out, 0)
                              : price_after_a(&swap->next_price, &pool->liquidity, &pool->price, swap->gross_out, 0);
  if (!error) error = check_price_range(pool, &swap->next_price);
  if (!error) error = amount_to_price(pool, &swap->next_price, 1, &swap->net_in);
  if (error) return error;
  swap->gross_in = swap->net_in;
  return pool->is_fee_on_input ? add_fee(pool, swap->net_in, &swap->gross_in, swap) : 0;
}

static NOINLINE u64 quote(const Pool *pool, u8 mode, const u64 amounts[2], Swap *swap) {
  if (mode > EXACT_OUT) return DAMM_INVALID_INPUT;
  if (amounts[0] == 0) return DAMM_AMOUNT_IS_ZERO;
  if (mode == EXACT_OUT) {
    u64 error = quote_exact_out(pool, amounts[0], swap);
    if (error) return error;
    return swap->gross_in > amounts[1] ? DAMM_EXCEEDED_SLIPPAGE : 0;
  }
  u64 error = mode == EXACT_IN ? quote_exact_in(pool, amounts[0], swap) : quote_partial_fill(pool, amounts[0], swap);
  if (error) return error;
  return swap->net_out < amounts[1] ? DAMM_EXCEEDED_SLIPPAGE : 0;
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
  wide_set(&fee, swap->lp_fee);
  wide_shift_left_128(&scaled, &fee);
  if (wide_divide_rounded(&growth, &scaled, &pool->liquidity, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  wide_load_u256(&sum, growth_field);
  if (wide_add(&sum, &sum, &growth)) return DAMM_MATH_OVERFLOW;
  wide_store_u256(growth_field, &sum);

  wide_load_u128(&sum, lp_field);
  if (wide_add(&sum, &sum, &fee) || !wide_fits_u128(&sum)) return DAMM_MATH_OVERFLOW;
  wide_store_u128(lp_field, &sum);
  if (add_to_u64(state + (in_a ? POOL_PROTOCOL_FEE_A : POOL_PROTOCOL_FEE_B), swap->protocol_fee))
    return DAMM_MATH_OVERFLOW;
  if (add_to_u64(state + (in_a ? POOL_TOTAL_PROTOCOL_FEE_A : POOL_TOTAL_PROTOCOL_FEE_B), swap->protocol_fee))
    return DAMM_MATH_OVERFLOW;
  return 0;
}

static NOINLINE u64 record_swap(Pool *pool, const Swap *swap) {
  u8 *state = pool->state;
  u64 error = record_fee(pool, swap);
  if (error) return error;
  u8 *in_field = state + (pool->is_a_to_b ? POOL_TOKEN_A_AMOUNT : POOL_TOKEN_B_AMOUNT);
  u8 *out_field = state + (pool->is_a_to_b ? POOL_TOKEN_B_AMOUNT : POOL_TOKEN_A_AMOUNT);
  if (add_to_u64(in_field, swap->net_in)) return DAMM_MATH_OVERFLOW;
  u64 held = load_u64(out_field);
  if (held < swap->gross_out) return DAMM_MATH_OVERFLOW;
  store_u64(out_field, held - swap->gross_out);
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
                        swap->gross_in};
  u64 error = transfer_checked(&from_user);
  if (!error) error = send_from_pool(pool, !in_a, USER_OUT, swap->net_out);
  if (!error && pool->has_referral) error = send_from_pool(pool, pool->is_fee_in_a, REFERRAL, swap->referral_fee);
  return error;
}

static NOINLINE u64 swap_tokens(Pool *pool, u8 mode, const u64 amounts[2]) {
  Swap swap;
  u64 error = check_accounts(pool);
  if (!error) error = read_clock(pool);
  if (!error) error = read_direction(pool);
  if (!error) error = read_pool(pool);
  if (!error) error = start_tracking_reserves(pool);
  if (!error) error = update_volatility_reference(pool->state, pool->now);
  if (!error) error = quote(pool, mode, amounts, &swap);
  if (!error) error = record_swap(pool, &swap);
  if (!error) error = move_tokens(pool, &swap);
  if (error == DAMM_EXCEEDED_SLIPPAGE) LOG("Error: ExceededSlippage");
  return error;
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  if (pool.invocation.data_length < 8 || load_u64(data) != SWAP2) return ANCHOR_UNKNOWN_INSTRUCTION;
  if (pool.invocation.data_length < 25) return ANCHOR_BAD_INSTRUCTION_DATA;
  if (pool.invocation.account_count < ACCOUNT_COUNT) return ANCHOR_TOO_FEW_ACCOUNTS;
  u64 amounts[2] = {load_u64(data + 8), load_u64(data + 16)};
  return swap_tokens(&pool, data[24], amounts);
}
