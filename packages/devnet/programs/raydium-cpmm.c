/*
 * A constant-product pool with the wire format of Raydium's CPMM: instructions swap_base_input and
 * swap_base_output, account order, account layout, price observations, swap event and error codes.
 *
 * Written from the published facts of raydium-io/raydium-cp-swap (Apache-2.0): states/pool.rs,
 * states/config.rs, states/oracle.rs, curve/, instructions/swap_base_*.rs; where that program panics, so does
 * this one.
 */
#include "anchor-log.h"
#include "raydium-cpmm.h"
#include "token-interface.h"
#include "wide-math.h"

typedef struct {
  Invocation invocation;
  Clock clock;
  int is_zero_for_one;
  int is_base_input;
  u64 reserve_in;
  u64 reserve_out;
  u64 trade_rate;
  u64 creator_rate;
  int is_creator_fee_on_input;
  TransferFee fee_in;
  TransferFee fee_out;
} Pool;

/* What one swap moves. Amounts in base units; fees other than a creator fee on output are in the input token. */
typedef struct {
  /* What leaves and reaches the wallet's accounts and the vaults. */
  u64 sent_in;
  u64 sent_out;
  u64 transfer_fee_in;
  u64 transfer_fee_out;
  /* What the curve sees. */
  u64 amount_in;
  u64 amount_out;
  u64 trade_fee;
  u64 creator_fee;
} Swap;

INLINE Account *account(const Pool *pool, enum AccountIndex index) { return &pool->invocation.accounts[index]; }
INLINE u8 *state(const Pool *pool) { return account(pool, POOL_STATE)->data; }
INLINE u8 *config(const Pool *pool) { return account(pool, AMM_CONFIG)->data; }

/* The accounts by themselves, in their order. */
static NOINLINE u64 check_account(const Pool *pool, enum AccountIndex index) {
  const Account *given = account(pool, index);
  const u8 *program_id = pool->invocation.program_id;
  switch (index) {
    case PAYER:
      return given->is_signer ? 0 : ANCHOR_NOT_SIGNED;
    case AMM_CONFIG: {
      u64 error = check_program_account(given, program_id, CONFIG_DISCRIMINATOR);
      if (error) return error;
      return given->data_length < CONFIG_BYTES || given->data[CONFIG_CREATE_DISABLED] > 1 ? ANCHOR_BAD_ACCOUNT_DATA : 0;
    }
    case POOL_STATE:
      return check_loaded_account(given, program_id, POOL_DISCRIMINATOR);
    case OBSERVATION:
      return check_loaded_account(given, program_id, OBSERVATION_DISCRIMINATOR);
    case USER_IN:
    case USER_OUT:
    case VAULT_IN:
    case VAULT_OUT:
      return check_token_account(given);
    case TOKEN_PROGRAM_IN:
    case TOKEN_PROGRAM_OUT:
      return check_token_program(given);
    case MINT_IN:
    case MINT_OUT:
      return check_mint(given);
    default:
      return 0;
  }
}

static NOINLINE u64 check_vault(const Pool *pool, enum AccountIndex index) {
  const Account *vault = account(pool, index);
  if (!vault->is_writable) return ANCHOR_NOT_WRITABLE;
  if (is_same_key(vault->key, state(pool) + POOL_VAULT_0)) return 0;
  return is_same_key(vault->key, state(pool) + POOL_VAULT_1) ? 0 : ANCHOR_RAW_CONSTRAINT;
}

/* The accounts among each other. */
static NOINLINE u64 check_relations(const Pool *pool) {
  if (!is_same_key(account(pool, AUTHORITY)->key, AUTHORITY_KEY)) return ANCHOR_SEEDS;
  if (account(pool, POOL_STATE)->data_length < POOL_BYTES) panic();
  if (!is_same_key(account(pool, AMM_CONFIG)->key, state(pool) + POOL_CONFIG)) return ANCHOR_ADDRESS;
  if (!account(pool, POOL_STATE)->is_writable) return ANCHOR_NOT_WRITABLE;
  if (!account(pool, USER_IN)->is_writable || !account(pool, USER_OUT)->is_writable) return ANCHOR_NOT_WRITABLE;
  u64 error = check_vault(pool, VAULT_IN);
  if (!error) error = check_vault(pool, VAULT_OUT);
  if (error) return error;
  if (!is_same_key(account(pool, MINT_IN)->key, account(pool, VAULT_IN)->data + TOKEN_ACCOUNT_MINT))
    return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, MINT_OUT)->key, account(pool, VAULT_OUT)->data + TOKEN_ACCOUNT_MINT))
    return ANCHOR_ADDRESS;
  if (!account(pool, OBSERVATION)->is_writable) return ANCHOR_NOT_WRITABLE;
  return is_same_key(account(pool, OBSERVATION)->key, state(pool) + POOL_OBSERVATION) ? 0 : ANCHOR_ADDRESS;
}

static NOINLINE u64 check_accounts(const Pool *pool) {
  for (int index = 0; index < ACCOUNT_COUNT; index++) {
    if ((u64)index >= pool->invocation.account_count) return ANCHOR_TOO_FEW_ACCOUNTS;
    u64 error = check_account(pool, (enum AccountIndex)index);
    if (error) return error;
  }
  return check_relations(pool);
}

static NOINLINE u64 check_is_open(Pool *pool) {
  const u8 *data = state(pool);
  sol_get_clock_sysvar(&pool->clock);
  if (data[POOL_STATUS] & STATUS_SWAP_DISABLED) return CPMM_NOT_APPROVED;
  return (u64)pool->clock.unix_timestamp < load_u64(data + POOL_OPEN_TIME) ? CPMM_NOT_APPROVED : 0;
}

/* The reserve of one side is its vault less the fees that are owed but not collected yet. */
static NOINLINE u64 read_reserve(const Pool *pool, enum AccountIndex vault, int side, u64 *reserve) {
  const u8 *data = state(pool);
  u64 owed = load_u64(data + POOL_PROTOCOL_FEES_0 + 8 * side);
  if (add_checked(&owed, load_u64(data + POOL_FUND_FEES_0 + 8 * side))) return CPMM_MATH_OVERFLOW;
  if (add_checked(&owed, load_u64(data + POOL_CREATOR_FEES_0 + 8 * side))) return CPMM_MATH_OVERFLOW;
  u64 held = token_amount(account(pool, vault));
  if (held < owed) return CPMM_INSUFFICIENT_VAULT;
  *reserve = held - owed;
  return 0;
}

/* Direction, reserves and rates. The side of token 0 is read first. */
static NOINLINE u64 read_pool(Pool *pool) {
  const u8 *data = state(pool), *vault_in = account(pool, VAULT_IN)->key, *vault_out = account(pool, VAULT_OUT)->key;
  int in_is_0 = is_same_key(vault_in, data + POOL_VAULT_0), in_is_1 = is_same_key(vault_in, data + POOL_VAULT_1);
  if (in_is_0 && is_same_key(vault_out, data + POOL_VAULT_1))
    pool->is_zero_for_one = 1;
  else if (in_is_1 && is_same_key(vault_out, data + POOL_VAULT_0))
    pool->is_zero_for_one = 0;
  else
    return CPMM_INVALID_VAULT;

  u64 error = in_is_0 ? read_reserve(pool, VAULT_IN, 0, &pool->reserve_in)
                      : read_reserve(pool, VAULT_OUT, 0, &pool->reserve_out);
  if (!error)
    error = in_is_0 ? read_reserve(pool, VAULT_OUT, 1, &pool->reserve_out)
                    : read_reserve(pool, VAULT_IN, 1, &pool->reserve_in);
  if (error) return error;
  /* The prices of the observation divide by both. */
  if (pool->reserve_in == 0 || pool->reserve_out == 0) panic();

  u8 creator_fee_on = data[POOL_CREATOR_FEE_ON];
  if (creator_fee_on > CREATOR_FEE_ON_TOKEN_1) return CPMM_INVALID_FEE_MODEL;
  pool->is_creator_fee_on_input =
      creator_fee_on == CREATOR_FEE_ON_INPUT ||
      creator_fee_on == (pool->is_zero_for_one ? CREATOR_FEE_ON_TOKEN_0 : CREATOR_FEE_ON_TOKEN_1);
  pool->trade_rate = load_u64(config(pool) + CONFIG_TRADE_RATE);
  pool->creator_rate = data[POOL_CREATOR_FEE_ENABLED] ? load_u64(config(pool) + CONFIG_CREATOR_RATE) : 0;
  return 0;
}

INLINE u64 rate_on_input(const Pool *pool) {
  u64 rate = pool->trade_rate;
  if (pool->is_creator_fee_on_input && add_checked(&rate, pool->creator_rate)) panic();
  return rate;
}

/* Both fees were taken from the input with one rounding; the creator's part of them is rounded down. */
static NOINLINE u64 split_input_fee(const Pool *pool, u64 total_fee, Swap *swap) {
  u64 factors[2] = {total_fee, pool->creator_rate}, rate = rate_on_input(pool);
  if (rate == 0) return CPMM_ZERO_TRADING_TOKENS;
  if (multiply_divide(&swap->creator_fee, factors, rate, ROUND_DOWN)) return CPMM_ZERO_TRADING_TOKENS;
  swap->trade_fee = total_fee - swap->creator_fee;
  return 0;
}

static NOINLINE u64 quote_base_input(const Pool *pool, Swap *swap) {
  u64 fee, fee_factors[2] = {swap->amount_in, rate_on_input(pool)};
  if (multiply_divide(&fee, fee_factors, RATE_DENOMINATOR, ROUND_UP)) return CPMM_ZERO_TRADING_TOKENS;
  swap->trade_fee = fee;
  swap->creator_fee = 0;
  if (pool->is_creator_fee_on_input) {
    u64 error = split_input_fee(pool, fee, swap);
    if (error) return error;
  }
  if (fee > swap->amount_in) return CPMM_ZERO_TRADING_TOKENS;

  u64 net = swap->amount_in - fee;
  Wide reserve, in, out, divisor;
  wide_set(&reserve, pool->reserve_in);
  wide_set(&in, net);
  wide_add(&divisor, &reserve, &in);
  wide_set(&reserve, pool->reserve_out);
  if (wide_multiply_divide(&out, &in, &reserve, &divisor, ROUND_DOWN)) panic();
  swap->amount_out = out.limb[0];
  if (pool->is_creator_fee_on_input) return 0;

  u64 factors[2] = {swap->amount_out, pool->creator_rate};
  if (multiply_divide(&swap->creator_fee, factors, RATE_DENOMINATOR, ROUND_UP)) return CPMM_ZERO_TRADING_TOKENS;
  if (swap->creator_fee > swap->amount_out) return CPMM_ZERO_TRADING_TOKENS;
  swap->amount_out -= swap->creator_fee;
  return 0;
}

/* The amount before a fee of `rate` that leaves `net` after it. Returns 1 where there is none. */
static NOINLINE int amount_before_fee(Wide *gross, const Wide *net, u64 rate) {
  wide_copy(gross, net);
  if (rate == 0) return 0;
  if (rate >= RATE_DENOMINATOR) return 1;
  Wide factor, divisor;
  wide_set(&factor, RATE_DENOMINATOR);
  wide_set(&divisor, RATE_DENOMINATOR - rate);
  return wide_multiply_divide(gross, net, &factor, &divisor, ROUND_UP);
}

static NOINLINE u64 quote_base_output(const Pool *pool, Swap *swap) {
  Wide net, gross, reserve_in, reserve_out, left;
  wide_set(&net, swap->amount_out);
  if (amount_before_fee(&gross, &net, pool->is_creator_fee_on_input ? 0 : pool->creator_rate))
    return CPMM_ZERO_TRADING_TOKENS;
  wide_subtract(&net, &gross, &net);
  swap->creator_fee = net.limb[0];

  wide_set(&reserve_in, pool->reserve_in);
  wide_set(&reserve_out, pool->reserve_out);
  if (!wide_is_less(&gross, &reserve_out)) panic();
  wide_subtract(&left, &reserve_out, &gross);
  if (wide_multiply_divide(&net, &reserve_in, &gross, &left, ROUND_UP)) panic();
  if (amount_before_fee(&gross, &net, rate_on_input(pool))) panic();
  if (!wide_fits_u64(&gross)) panic();
  swap->amount_in = gross.limb[0];
  swap->trade_fee = swap->amount_in - net.limb[0];
  return pool->is_creator_fee_on_input ? split_input_fee(pool, swap->trade_fee, swap) : 0;
}

#define LOG_EXCEEDED_SLIPPAGE(place)                                                      \
  LOG_ANCHOR_ERROR("programs/cp-swap/src/instructions/" place, "ExceededSlippage", "6005", \
                   "Exceeds desired slippage limit")

/* Fixed in, at least `minimum_out` after the mint's fee. */
static NOINLINE u64 quote_within_minimum(const Pool *pool, u64 amount_in, u64 minimum_out, Swap *swap) {
  swap->sent_in = amount_in;
  if (transfer_fee_of(&swap->transfer_fee_in, &pool->fee_in, amount_in)) panic();
  swap->amount_in = amount_in - swap->transfer_fee_in;
  u64 error = quote_base_input(pool, swap);
  if (error) return error;
  swap->sent_out = swap->amount_out;
  if (transfer_fee_of(&swap->transfer_fee_out, &pool->fee_out, swap->sent_out)) panic();
  u64 received = swap->sent_out - swap->transfer_fee_out;
  if (received == 0) return ANCHOR_REQUIRE_GREATER;
  if (received >= minimum_out) return 0;
  LOG_EXCEEDED_SLIPPAGE("swap_base_input.rs:150");
  log_compared(received, minimum_out);
  return CPMM_EXCEEDED_SLIPPAGE;
}

/* What a mint withholds when `net` is to arrive. */
static NOINLINE u64 withheld_before(const TransferFee *fee, u64 net, u64 *withheld) {
  if (net == 0) return CPMM_INVALID_INPUT;
  return inverse_transfer_fee(withheld, fee, net) ? CPMM_TRANSFER_FEE_MISMATCH : 0;
}

/* Fixed out after the mint's fee, at most `maximum_in`. */
static NOINLINE u64 quote_within_maximum(const Pool *pool, u64 maximum_in, u64 amount_out, Swap *swap) {
  u64 error = quote_base_output(pool, swap);
  if (error) return error;
  if (swap->amount_in == 0) return ANCHOR_REQUIRE_GREATER;
  swap->sent_out = amount_out + swap->transfer_fee_out;
  error = withheld_before(&pool->fee_in, swap->amount_in, &swap->transfer_fee_in);
  if (error) return error;
  swap->sent_in = swap->amount_in;
  if (add_checked(&swap->sent_in, swap->transfer_fee_in)) panic();
  if (swap->sent_in <= maximum_in) return 0;
  LOG_EXCEEDED_SLIPPAGE("swap_base_output.rs:86");
  log_compared(maximum_in, swap->sent_in);
  return CPMM_EXCEEDED_SLIPPAGE;
}

INLINE int add_to_field(u8 *field, u64 amount) {
  u64 value = load_u64(field);
  if (add_checked(&value, amount)) return 1;
  store_u64(field, value);
  return 0;
}

static NOINLINE u64 record_fees(const Pool *pool, const Swap *swap) {
  u8 *data = state(pool);
  int in = pool->is_zero_for_one ? 0 : 1;
  int creator_side = pool->is_creator_fee_on_input ? in : 1 - in;
  u64 protocol_fee, fund_fee;
  u64 protocol_factors[2] = {swap->trade_fee, load_u64(config(pool) + CONFIG_PROTOCOL_RATE)};
  u64 fund_factors[2] = {swap->trade_fee, load_u64(config(pool) + CONFIG_FUND_RATE)};
  if (multiply_divide(&protocol_fee, protocol_factors, RATE_DENOMINATOR, ROUND_DOWN)) return CPMM_ZERO_TRADING_TOKENS;
  if (multiply_divide(&fund_fee, fund_factors, RATE_DENOMINATOR, ROUND_DOWN)) return CPMM_ZERO_TRADING_TOKENS;
  if (add_to_field(data + POOL_PROTOCOL_FEES_0 + 8 * in, protocol_fee)) return CPMM_MATH_OVERFLOW;
  if (add_to_field(data + POOL_FUND_FEES_0 + 8 * in, fund_fee)) return CPMM_MATH_OVERFLOW;
  if (add_to_field(data + POOL_CREATOR_FEES_0 + 8 * creator_side, swap->creator_fee)) return CPMM_MATH_OVERFLOW;
  return 0;
}

static NOINLINE void emit_event(const Pool *pool, const Swap *swap) {
  u8 event[SWAP_EVENT_BYTES];
  store_u64(event, SWAP_EVENT);
  copy_key(event + EVENT_POOL, account(pool, POOL_STATE)->key);
  store_u64(event + EVENT_RESERVE_IN, pool->reserve_in);
  store_u64(event + EVENT_RESERVE_OUT, pool->reserve_out);
  store_u64(event + EVENT_AMOUNT_IN, swap->amount_in);
  store_u64(event + EVENT_AMOUNT_OUT, swap->amount_out);
  store_u64(event + EVENT_TRANSFER_FEE_IN, swap->transfer_fee_in);
  store_u64(event + EVENT_TRANSFER_FEE_OUT, swap->transfer_fee_out);
  event[EVENT_IS_BASE_INPUT] = (u8)pool->is_base_input;
  copy_key(event + EVENT_MINT_IN, account(pool, MINT_IN)->key);
  copy_key(event + EVENT_MINT_OUT, account(pool, MINT_OUT)->key);
  store_u64(event + EVENT_TRADE_FEE, swap->trade_fee);
  store_u64(event + EVENT_CREATOR_FEE, swap->creator_fee);
  event[EVENT_IS_CREATOR_FEE_ON_INPUT] = (u8)pool->is_creator_fee_on_input;
  Seed field = {event, sizeof(event)};
  sol_log_data(&field, 1);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Swap *swap) {
  Transfer from_user = {&pool->invocation,
                        account(pool, TOKEN_PROGRAM_IN),
                        account(pool, USER_IN),
                        account(pool, MINT_IN),
                        account(pool, VAULT_IN),
                        account(pool, PAYER),
                        0,
                        swap->sent_in};
  u64 error = transfer_checked(&from_user);
  if (error) return error;

  Seed seeds[2] = {{AUTHORITY_SEED, sizeof(AUTHORITY_SEED) - 1}, {state(pool) + POOL_AUTHORITY_BUMP, 1}};
  SignerSeeds signer = {seeds, 2};
  Transfer to_user = {&pool->invocation,
                      account(pool, TOKEN_PROGRAM_OUT),
                      account(pool, VAULT_OUT),
                      account(pool, MINT_OUT),
                      account(pool, USER_OUT),
                      account(pool, AUTHORITY),
                      &signer,
                      swap->sent_out};
  return transfer_checked(&to_user);
}

/* price = other * 2^32 / own, times the seconds since the last observation, added to what was there. */
static NOINLINE void add_price(u8 *next, const u8 *last, const u64 reserves[2], u64 seconds) {
  Wide other, factor, divisor, price, sum;
  wide_set(&other, reserves[1]);
  wide_set(&factor, 1ULL << 32);
  wide_set(&divisor, reserves[0]);
  wide_multiply_divide(&price, &other, &factor, &divisor, ROUND_DOWN);
  wide_set(&factor, seconds);
  if (wide_multiply(&other, &price, &factor) || !wide_fits_u128(&other)) panic();
  wide_load_u128(&sum, last);
  wide_add(&sum, &sum, &other);
  wide_store_u128(next, &sum);
}

/*
 * Adds the prices from before the swap for the seconds since the last one: to the newest observation, or, when that
 * is 15 seconds old, to a new one behind it, around a ring.
 */
static NOINLINE void observe(const Pool *pool) {
  const Account *observation = account(pool, OBSERVATION);
  u8 *data = observation->data;
  if (observation->data_length < OBSERVATION_BYTES) panic();
  u64 now = (u64)pool->clock.unix_timestamp, index = load_u16(data + OBSERVATION_INDEX);
  if (index >= OBSERVATION_COUNT) panic();
  u8 *last = data + OBSERVATION_ENTRIES + index * OBSERVATION_ENTRY_BYTES;
  if (!data[OBSERVATION_INITIALIZED]) {
    data[OBSERVATION_INITIALIZED] = 1;
    store_u64(data + OBSERVATION_LAST_UPDATE, now);
    store_u64(last + ENTRY_TIME, now);
    for (int i = ENTRY_PRICE_0; i < OBSERVATION_ENTRY_BYTES; i += 8) store_u64(last + i, 0);
    return;
  }
  u64 updated = load_u64(data + OBSERVATION_LAST_UPDATE), seconds = now > updated ? now - updated : 0;
  if (seconds == 0) return;
  u64 begun = load_u64(last + ENTRY_TIME);
  u8 *next = last;
  if (now > begun && now - begun >= OBSERVATION_SECONDS) {
    index = index == OBSERVATION_COUNT - 1 ? 0 : index + 1;
    next = data + OBSERVATION_ENTRIES + index * OBSERVATION_ENTRY_BYTES;
    store_u64(next + ENTRY_TIME, now);
    *(u16 *)(data + OBSERVATION_INDEX) = (u16)index;
  }
  int zero_in = pool->is_zero_for_one;
  u64 of_0[2] = {zero_in ? pool->reserve_in : pool->reserve_out, zero_in ? pool->reserve_out : pool->reserve_in};
  u64 of_1[2] = {of_0[1], of_0[0]};
  add_price(next + ENTRY_PRICE_0, last + ENTRY_PRICE_0, of_0, seconds);
  add_price(next + ENTRY_PRICE_1, last + ENTRY_PRICE_1, of_1, seconds);
  store_u64(data + OBSERVATION_LAST_UPDATE, now);
}

/* The part of a swap that both instructions check before they look at the pool's curve. */
static NOINLINE u64 prepare(Pool *pool, u64 first, u64 second, Swap *swap) {
  u64 error = check_accounts(pool);
  if (!error && !pool->is_base_input && second == 0) error = ANCHOR_REQUIRE_GREATER;
  if (!error) error = check_is_open(pool);
  if (error) return error;
  read_transfer_fee(&pool->fee_in, account(pool, MINT_IN), pool->clock.epoch);
  read_transfer_fee(&pool->fee_out, account(pool, MINT_OUT), pool->clock.epoch);
  if (pool->is_base_input) {
    u64 withheld;
    if (transfer_fee_of(&withheld, &pool->fee_in, first)) panic();
    return withheld >= first ? ANCHOR_REQUIRE_GREATER : 0;
  }
  error = withheld_before(&pool->fee_out, second, &swap->transfer_fee_out);
  if (error) return error;
  swap->amount_out = second;
  if (add_checked(&swap->amount_out, swap->transfer_fee_out)) panic();
  return 0;
}

static NOINLINE u64 swap_tokens(Pool *pool, u64 first, u64 second) {
  Swap swap;
  u64 error = prepare(pool, first, second, &swap);
  if (!error) error = read_pool(pool);
  if (!error)
    error = pool->is_base_input ? quote_within_minimum(pool, first, second, &swap)
                                : quote_within_maximum(pool, first, second, &swap);
  if (!error) error = record_fees(pool, &swap);
  if (!error) emit_event(pool, &swap);
  if (!error) error = move_tokens(pool, &swap);
  if (error) return error;
  observe(pool);
  store_u64(state(pool) + POOL_RECENT_EPOCH, pool->clock.epoch);
  return 0;
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  if (pool.invocation.data_length < 8) return ANCHOR_UNKNOWN_INSTRUCTION;
  u64 discriminator = load_u64(data);
  if (discriminator != SWAP_BASE_INPUT && discriminator != SWAP_BASE_OUTPUT) return ANCHOR_UNKNOWN_INSTRUCTION;
  if (pool.invocation.data_length < 24) return ANCHOR_BAD_INSTRUCTION_DATA;
  pool.is_base_input = discriminator == SWAP_BASE_INPUT;
  return swap_tokens(&pool, load_u64(data + 8), load_u64(data + 16));
}
