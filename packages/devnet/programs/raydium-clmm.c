/*
 * A concentrated pool with the wire format of Raydium's CLMM: the instruction swap_v2, account order, account layouts,
 * price observations, rewards, swap event and error codes.
 *
 * Written from the published facts of raydium-io/raydium-clmm (Apache-2.0): instructions/{swap,swap_v2}.rs, states/,
 * libraries/; where that program panics, so does this one. It is the version of December 2025 in all that it reads,
 * writes and answers, with three things of the versions after it: fees on the output, fees that follow volatility, and
 * limit orders. An account of the older version has zeros where these are kept.
 */
#include "anchor-log.h"
#include "clmm-accounts.h"
#include "clmm-oracle.h"
#include "clmm-rewards.h"
#include "clmm-volatility.h"

/* What was asked. */
typedef struct {
  u64 amount;
  u64 threshold;
  /* No limit of the price: the whole amount or nothing. */
  int is_whole;
} Request;

/* What one swap moves, base units. */
typedef struct {
  /* The given amount as the pool sees it, and what its mint withholds of it. */
  u64 specified;
  u64 specified_transfer_fee;
  u64 amount_in;
  u64 amount_out;
  u64 transfer_fee_in;
  u64 transfer_fee_out;
} Swap;

/* The given amount without the fee of the input's mint, or with that of the output's. */
static NOINLINE void specify_amount(Pool *pool, u64 amount, Swap *swap) {
  read_transfer_fee(&pool->fee_in, account(pool, MINT_IN), pool->clock.epoch);
  read_transfer_fee(&pool->fee_out, account(pool, MINT_OUT), pool->clock.epoch);
  u64 *withheld = &swap->specified_transfer_fee;
  swap->specified = amount;
  if (pool->is_exact_in) {
    if (transfer_fee_of(withheld, &pool->fee_in, amount) || *withheld > amount) panic();
    swap->specified -= *withheld;
  } else {
    if (inverse_transfer_fee(withheld, &pool->fee_out, amount)) panic();
    add_or_panic(&swap->specified, *withheld);
  }
}

static NOINLINE void read_settings(Pool *pool) {
  u8 fee_on = pool->state[POOL_FEE_ON];
  int side_in = pool->is_zero_for_one ? 0 : 1;
  pool->fee_side = fee_on == FEE_ON_TOKEN_0 ? 0 : fee_on == FEE_ON_TOKEN_1 ? 1 : side_in;
  pool->is_fee_on_input = pool->fee_side == side_in;
  pool->tick_spacing = load_u16(pool->state + POOL_TICK_SPACING);
  pool->trade_rate = load_u32(account(pool, AMM_CONFIG)->data + CONFIG_TRADE_RATE);
  if (pool->tick_spacing == 0) panic();
}

static NOINLINE void start_walk(const Pool *pool, Walk *walk, u64 specified) {
  const u8 *state = pool->state;
  walk->remaining = specified;
  walk->calculated = 0;
  walk->tick = load_i32(state + POOL_TICK);
  walk->positions_fee = walk->protocol_fee = walk->fund_fee = 0;
  walk->arrays_passed = 0;
  wide_load_u128(&walk->price, state + POOL_SQRT_PRICE);
  wide_load_u128(&walk->liquidity, state + POOL_LIQUIDITY);
  wide_load_u128(&walk->fee_growth, state + POOL_FEE_GROWTH + pool->fee_side * POOL_FEE_GROWTH_STRIDE);
  wide_load_u128(&walk->limit, pool->invocation.data + DATA_PRICE_LIMIT);
}

/* A limit of 0 is the last price before the end. */
static NOINLINE u64 check_limit(const Pool *pool, Walk *walk) {
  Wide lowest, one;
  wide_set(&lowest, MIN_SQRT_PRICE);
  wide_set(&one, 1);
  if (wide_is_zero(&walk->limit)) {
    if (pool->is_zero_for_one)
      wide_add(&walk->limit, &lowest, &one);
    else
      wide_subtract(&walk->limit, &MAX_SQRT_PRICE, &one);
  }
  int is_inside = pool->is_zero_for_one ? wide_is_less(&lowest, &walk->limit) : wide_is_less(&walk->limit, &MAX_SQRT_PRICE);
  return is_inside && is_behind(pool, &walk->price, &walk->limit) ? 0 : CLMM_PRICE_LIMIT_OVERFLOW;
}

/* The order of the program's own checks, before it looks at the curve. */
static NOINLINE u64 enter_pool(Pool *pool, Walk *walk, u64 specified) {
  if (specified == 0) return CLMM_ZERO_AMOUNT;
  if (pool->state[POOL_STATUS] & STATUS_SWAP_DISABLED) return CLMM_NOT_APPROVED;
  read_settings(pool);
  start_walk(pool, walk, specified);
  u64 error = check_limit(pool, walk);
  if (!error) error = update_rewards(pool);
  if (error) return error;
  if (account(pool, OBSERVATION)->data_length < OBSERVATION_BYTES) panic();
  if (!is_same_key(account(pool, OBSERVATION)->data + OBSERVATION_POOL, pool->key)) return ANCHOR_REQUIRE_SAME_KEY;
  error = find_first_array(pool, walk);
  return error ? error : enter_first_array(pool, walk);
}

/* The price of the next tick, or the limit where that is nearer. */
static NOINLINE u64 find_target(const Pool *pool, const Walk *walk, i64 tick, Wide targets[2]) {
  Wide *of_tick = &targets[0], *target = &targets[1];
  tick = tick < MIN_TICK ? MIN_TICK : tick > MAX_TICK ? MAX_TICK : tick;
  price_at_tick(of_tick, tick);
  wide_copy(target, is_behind(pool, &walk->limit, of_tick) ? &walk->limit : of_tick);
  if (pool->is_zero_for_one ? walk->tick < tick : walk->tick >= tick)
    return pool->is_zero_for_one ? ANCHOR_REQUIRE_GREATER_OR_EQUAL : ANCHOR_REQUIRE_GREATER;
  return is_behind(pool, target, &walk->price) ? ANCHOR_REQUIRE_GREATER_OR_EQUAL : 0;
}

/* One step at one fee, and what happens at the tick if that is reached. `targets` are those of find_target. */
static NOINLINE u64 take_step(const Pool *pool, Walk *walk, Volatility *volatility, u8 *tick, const Wide targets[2]) {
  Step step;
  GroupBound bound;
  update_volatility(volatility);
  step.fee_rate = fee_rate_now(pool, volatility);
  wide_copy(&bound.price, &targets[1]);
  bound_by_group(pool, walk, volatility, &bound);
  wide_copy(&step.price, &bound.price);
  wide_copy(&step.target, &bound.price);
  int is_moving = !is_same_price(&walk->price, &bound.price);
  if (is_moving) {
    u64 error = compute_step(pool, walk, &step);
    if (!error) error = apply_step(pool, walk, &step);
    if (error) return error;
  }
  int has_moved = !is_same_price(&walk->price, &step.price);
  wide_copy(&walk->price, &step.price);
  u64 error = 0;
  i64 reached = walk->tick;
  if (is_same_price(&step.price, &targets[0])) {
    reached = load_i32(tick + TICK_INDEX);
    error = pass_tick(pool, walk, tick, step.fee_rate);
  } else if (has_moved) {
    error = tick_at_price(&walk->tick, &step.price);
    reached = walk->tick;
  }
  advance_group(pool, volatility, bound.is_unbounded, reached);
  return error;
}

/* Until the amount is used up or the price is at the limit, from one initialized tick to the next. */
static NOINLINE u64 walk_ticks(const Pool *pool, Walk *walk) {
  Volatility volatility;
  start_volatility(pool, &volatility, walk->tick);
  while (walk->remaining && !is_same_price(&walk->price, &walk->limit)) {
    u8 *tick;
    Wide targets[2];
    u64 error = find_next_tick(pool, walk, &tick);
    if (!error) error = find_target(pool, walk, load_i32(tick + TICK_INDEX), targets);
    do {
      if (!error) error = take_step(pool, walk, &volatility, tick, targets);
    } while (!error && walk->remaining && !is_same_price(&walk->price, &targets[1]));
    if (error) return error;
  }
  return 0;
}

/* Price, liquidity, fees and totals, after the walk. */
static NOINLINE void record_walk(const Pool *pool, const Walk *walk, const Swap *swap) {
  u8 *state = pool->state;
  i64 tick_before = load_i32(state + POOL_TICK);
  if (walk->tick != tick_before) observe_tick(pool, tick_before);
  store_u32(state + POOL_TICK, (u32)walk->tick);
  wide_store_u128(state + POOL_SQRT_PRICE, &walk->price);
  wide_store_u128(state + POOL_LIQUIDITY, &walk->liquidity);
  wide_store_u128(state + POOL_FEE_GROWTH + pool->fee_side * POOL_FEE_GROWTH_STRIDE, &walk->fee_growth);
  add_to_u64(state + POOL_TOTAL_FEES + pool->fee_side * POOL_TOTAL_FEES_STRIDE, walk->positions_fee);
  add_to_u64(state + POOL_PROTOCOL_FEES + pool->fee_side * POOL_FEES_STRIDE, walk->protocol_fee);
  add_to_u64(state + POOL_FUND_FEES + pool->fee_side * POOL_FEES_STRIDE, walk->fund_fee);
  add_to_u128(state + (pool->is_zero_for_one ? POOL_IN_0 : POOL_IN_1), swap->amount_in);
  add_to_u128(state + (pool->is_zero_for_one ? POOL_OUT_1 : POOL_OUT_0), swap->amount_out);
}

static NOINLINE u64 swap_within_pool(Pool *pool, Swap *swap) {
  Walk walk;
  u64 error = enter_pool(pool, &walk, swap->specified);
  if (!error) error = walk_ticks(pool, &walk);
  if (error) return error;
  u64 done = swap->specified - walk.remaining;
  swap->amount_in = pool->is_exact_in ? done : walk.calculated;
  swap->amount_out = pool->is_exact_in ? walk.calculated : done;
  record_walk(pool, &walk, swap);
  return swap->amount_in == 0 || swap->amount_out == 0 ? CLMM_TOO_SMALL_AMOUNT : 0;
}

static NOINLINE void compute_transfer_fees(const Pool *pool, Swap *swap) {
  if (pool->is_exact_in && swap->amount_in == swap->specified)
    swap->transfer_fee_in = swap->specified_transfer_fee;
  else if (inverse_transfer_fee(&swap->transfer_fee_in, &pool->fee_in, swap->amount_in))
    panic();
  if (transfer_fee_of(&swap->transfer_fee_out, &pool->fee_out, swap->amount_out)) panic();
  if (swap->transfer_fee_out > swap->amount_out) panic();
}

/* The token program of an account: that of Token-2022 for its own, and SPL Token for all others. */
INLINE const Account *program_of(const Pool *pool, const Account *token_account) {
  return account(pool, is_same_key(token_account->owner, TOKEN_2022_KEY) ? TOKEN_PROGRAM_2022 : TOKEN_PROGRAM);
}

static NOINLINE u64 move_in(const Pool *pool, u64 amount) {
  Transfer transfer = {&pool->invocation,
                       program_of(pool, account(pool, USER_IN)),
                       account(pool, USER_IN),
                       account(pool, MINT_IN),
                       account(pool, VAULT_IN),
                       account(pool, PAYER),
                       0,
                       amount};
  return transfer_checked(&transfer);
}

static NOINLINE u64 move_out(const Pool *pool, u64 amount) {
  Seed seeds[5];
  pool_seeds(pool->state, seeds);
  SignerSeeds signer = {seeds, 5};
  Transfer transfer = {&pool->invocation,
                       program_of(pool, account(pool, VAULT_OUT)),
                       account(pool, VAULT_OUT),
                       account(pool, MINT_OUT),
                       account(pool, USER_OUT),
                       account(pool, POOL_STATE),
                       &signer,
                       amount};
  return transfer_checked(&transfer);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Swap *swap) {
  u64 sent = swap->amount_in, held = token_amount(account(pool, VAULT_OUT));
  add_or_panic(&sent, swap->transfer_fee_in);
  u64 error = move_in(pool, sent);
  if (error) return error;
  /* A pool that gives its last token away is closed: something is wrong with it. */
  if (held <= swap->amount_out) pool->state[POOL_STATUS] = STATUS_ALL_DISABLED;
  return move_out(pool, swap->amount_out);
}

static NOINLINE void emit_swap(const Pool *pool, const Swap *swap) {
  u8 event[SWAP_EVENT_BYTES];
  const u8 *state = pool->state;
  int zero_in = pool->is_zero_for_one;
  u64 net_out = swap->amount_out - swap->transfer_fee_out;
  store_u64(event, SWAP_EVENT);
  copy_key(event + EVENT_POOL, pool->key);
  copy_key(event + EVENT_SENDER, account(pool, PAYER)->key);
  copy_key(event + EVENT_ACCOUNT_0, account(pool, zero_in ? USER_IN : USER_OUT)->key);
  copy_key(event + EVENT_ACCOUNT_1, account(pool, zero_in ? USER_OUT : USER_IN)->key);
  store_u64(event + EVENT_AMOUNT_0, zero_in ? swap->amount_in : net_out);
  store_u64(event + EVENT_TRANSFER_FEE_0, zero_in ? swap->transfer_fee_in : swap->transfer_fee_out);
  store_u64(event + EVENT_AMOUNT_1, zero_in ? net_out : swap->amount_in);
  store_u64(event + EVENT_TRANSFER_FEE_1, zero_in ? swap->transfer_fee_out : swap->transfer_fee_in);
  event[EVENT_IS_ZERO_FOR_ONE] = (u8)zero_in;
  for (int i = 0; i < 16; i += 8) {
    store_u64(event + EVENT_SQRT_PRICE + i, load_u64(state + POOL_SQRT_PRICE + i));
    store_u64(event + EVENT_LIQUIDITY + i, load_u64(state + POOL_LIQUIDITY + i));
  }
  store_u32(event + EVENT_TICK, load_u32(state + POOL_TICK));
  Seed field = {event, sizeof(event)};
  sol_log_data(&field, 1);
}

#define SWAP_V2_FILE "programs/amm/src/instructions/swap_v2.rs"

/* What the wallet's own accounts gained or lost is held to what was asked. */
static NOINLINE u64 check_outcome(const Pool *pool, const Request *request, const Swap *swap, const u64 before[2]) {
  u64 sent = swap->amount_in + swap->transfer_fee_in;
  int is_whole = pool->is_exact_in ? sent == request->amount : swap->amount_out == swap->specified;
  if (request->is_whole && !is_whole) return ANCHOR_REQUIRE_EQUAL;
  u64 in = token_amount(account(pool, USER_IN)), out = token_amount(account(pool, USER_OUT));
  if (pool->is_exact_in) {
    if (out < before[1]) panic();
    u64 received = out - before[1];
    if (received >= request->threshold) return 0;
    LOG_ANCHOR_ERROR(SWAP_V2_FILE ":362", "TooLittleOutputReceived", "6022", "Too little output received");
    log_compared(received, request->threshold);
    return CLMM_TOO_LITTLE_OUTPUT;
  }
  if (before[0] < in) panic();
  u64 paid = before[0] - in;
  if (paid <= request->threshold) return 0;
  LOG_ANCHOR_ERROR(SWAP_V2_FILE ":368", "TooMuchInputPaid", "6023", "Too much input paid");
  log_compared(request->threshold, paid);
  return CLMM_TOO_MUCH_INPUT;
}

static NOINLINE u64 swap_tokens(Pool *pool, const Request *request) {
  Swap swap;
  u64 error = check_accounts(pool);
  if (error) return error;
  sol_get_clock_sysvar(&pool->clock);
  u64 before[2] = {token_amount(account(pool, USER_IN)), token_amount(account(pool, USER_OUT))};
  specify_amount(pool, request->amount, &swap);
  error = read_direction(pool);
  if (!error) error = read_tick_arrays(pool);
  if (!error) error = swap_within_pool(pool, &swap);
  if (error) return error;
  compute_transfer_fees(pool, &swap);
  error = move_tokens(pool, &swap);
  if (error) return error;
  emit_swap(pool, &swap);
  return check_outcome(pool, request, &swap, before);
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  if (pool.invocation.data_length < 8 || load_u64(data) != SWAP_V2) return ANCHOR_UNKNOWN_INSTRUCTION;
  if (pool.invocation.data_length < SWAP_V2_BYTES || data[DATA_IS_EXACT_IN] > 1) return ANCHOR_BAD_INSTRUCTION_DATA;
  pool.is_exact_in = data[DATA_IS_EXACT_IN];
  Request request = {load_u64(data + DATA_AMOUNT), load_u64(data + DATA_THRESHOLD),
                     (load_u64(data + DATA_PRICE_LIMIT) | load_u64(data + DATA_PRICE_LIMIT + 8)) == 0};
  return swap_tokens(&pool, &request);
}
