/*
 * A constant-product pool with the wire format of Raydium's CPMM: instructions swap_base_input and
 * swap_base_output, account order, account layout and error codes.
 *
 * Written from the published facts of raydium-io/raydium-cp-swap (Apache-2.0): states/pool.rs,
 * states/config.rs, curve/, instructions/swap_base_*.rs. Not written: the price observation (the
 * account is checked and left alone) and the swap event.
 */
#include "raydium-cpmm.h"
#include "token.h"
#include "wide-math.h"

typedef struct {
  Invocation invocation;
  int is_zero_for_one;
  u64 reserve_in;
  u64 reserve_out;
  u64 trade_rate;
  u64 creator_rate;
  int is_creator_fee_on_input;
} Pool;

/* What one swap moves. Amounts in base units; fees other than a creator fee on output are in the input token. */
typedef struct {
  u64 amount_in;
  u64 amount_out;
  u64 trade_fee;
  u64 creator_fee;
} Swap;

INLINE Account *account(const Pool *pool, enum AccountIndex index) { return &pool->invocation.accounts[index]; }
INLINE u8 *state(const Pool *pool) { return account(pool, POOL_STATE)->data; }
INLINE u8 *config(const Pool *pool) { return account(pool, AMM_CONFIG)->data; }

static NOINLINE u64 check_accounts(Pool *pool) {
  const Account *pool_state = account(pool, POOL_STATE), *amm_config = account(pool, AMM_CONFIG);
  const u8 *program_id = pool->invocation.program_id;
  if (!account(pool, PAYER)->is_signer) return ANCHOR_NOT_SIGNED;
  if (!is_same_key(account(pool, AUTHORITY)->key, AUTHORITY_KEY)) return ANCHOR_SEEDS;
  if (!is_same_key(pool_state->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (!is_same_key(amm_config->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (pool_state->data_length < POOL_BYTES || amm_config->data_length < CONFIG_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  if (load_u64(pool_state->data) != POOL_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  if (load_u64(amm_config->data) != CONFIG_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  if (!pool_state->is_writable) return ANCHOR_NOT_WRITABLE;
  if (!is_same_key(amm_config->key, pool_state->data + POOL_CONFIG)) return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, OBSERVATION)->key, pool_state->data + POOL_OBSERVATION)) return ANCHOR_ADDRESS;
  return 0;
}

/* Finds the direction from the vaults, and refuses a vault, mint or token program of another pool. */
static NOINLINE u64 check_sides(Pool *pool) {
  const u8 *data = state(pool);
  const u8 *vault_in = account(pool, VAULT_IN)->key, *vault_out = account(pool, VAULT_OUT)->key;
  if (is_same_key(vault_in, data + POOL_VAULT_0) && is_same_key(vault_out, data + POOL_VAULT_1))
    pool->is_zero_for_one = 1;
  else if (is_same_key(vault_in, data + POOL_VAULT_1) && is_same_key(vault_out, data + POOL_VAULT_0))
    pool->is_zero_for_one = 0;
  else
    return ANCHOR_RAW_CONSTRAINT;

  int in = pool->is_zero_for_one ? 0 : 1, out = 1 - in;
  if (!is_same_key(account(pool, MINT_IN)->key, data + POOL_MINT_0 + 32 * in)) return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, MINT_OUT)->key, data + POOL_MINT_0 + 32 * out)) return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, TOKEN_PROGRAM_IN)->key, data + POOL_TOKEN_PROGRAM_0 + 32 * in)) return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, TOKEN_PROGRAM_OUT)->key, data + POOL_TOKEN_PROGRAM_0 + 32 * out)) return ANCHOR_ADDRESS;

  PoolSide side = {account(pool, VAULT_IN), account(pool, MINT_IN), account(pool, TOKEN_PROGRAM_IN)};
  u64 error = check_pool_side(&side, CPMM_UNSUPPORTED_MINT);
  if (error) return error;
  side = (PoolSide){account(pool, VAULT_OUT), account(pool, MINT_OUT), account(pool, TOKEN_PROGRAM_OUT)};
  return check_pool_side(&side, CPMM_UNSUPPORTED_MINT);
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
  return *reserve == 0 ? CPMM_INSUFFICIENT_VAULT : 0;
}

static NOINLINE u64 check_is_open(const Pool *pool, Clock *clock) {
  const u8 *data = state(pool);
  sol_get_clock_sysvar(clock);
  if (data[POOL_STATUS] & STATUS_SWAP_DISABLED) return CPMM_NOT_APPROVED;
  if ((u64)clock->unix_timestamp < load_u64(data + POOL_OPEN_TIME)) return CPMM_NOT_APPROVED;
  return 0;
}

static NOINLINE u64 read_pool(Pool *pool) {
  int in = pool->is_zero_for_one ? 0 : 1;
  u64 error = read_reserve(pool, VAULT_IN, in, &pool->reserve_in);
  if (!error) error = read_reserve(pool, VAULT_OUT, 1 - in, &pool->reserve_out);
  if (error) return error;

  u8 creator_fee_on = state(pool)[POOL_CREATOR_FEE_ON];
  if (creator_fee_on > CREATOR_FEE_ON_TOKEN_1) return CPMM_INVALID_FEE_MODEL;
  pool->is_creator_fee_on_input =
      creator_fee_on == CREATOR_FEE_ON_INPUT ||
      creator_fee_on == (pool->is_zero_for_one ? CREATOR_FEE_ON_TOKEN_0 : CREATOR_FEE_ON_TOKEN_1);
  pool->trade_rate = load_u64(config(pool) + CONFIG_TRADE_RATE);
  pool->creator_rate = state(pool)[POOL_CREATOR_FEE_ENABLED] ? load_u64(config(pool) + CONFIG_CREATOR_RATE) : 0;
  if (pool->trade_rate >= RATE_DENOMINATOR || pool->creator_rate >= RATE_DENOMINATOR) return CPMM_MATH_OVERFLOW;
  if (pool->trade_rate + pool->creator_rate >= RATE_DENOMINATOR) return CPMM_MATH_OVERFLOW;
  return 0;
}

/* Both fees were taken from the input with one rounding; the creator's part of them is rounded down. */
static NOINLINE u64 split_input_fee(const Pool *pool, u64 total_fee, Swap *swap) {
  u64 total_rate = pool->trade_rate + pool->creator_rate;
  u64 factors[2] = {total_fee, pool->creator_rate};
  if (multiply_divide(&swap->creator_fee, factors, total_rate, ROUND_DOWN)) return CPMM_ZERO_TRADING_TOKENS;
  swap->trade_fee = total_fee - swap->creator_fee;
  return 0;
}

static NOINLINE u64 quote_base_input(const Pool *pool, u64 amount_in, Swap *swap) {
  int on_input = pool->is_creator_fee_on_input;
  u64 fee;
  u64 fee_factors[2] = {amount_in, pool->trade_rate + (on_input ? pool->creator_rate : 0)};
  if (multiply_divide(&fee, fee_factors, RATE_DENOMINATOR, ROUND_UP)) return CPMM_MATH_OVERFLOW;
  swap->amount_in = amount_in;
  swap->trade_fee = fee;
  swap->creator_fee = 0;
  if (on_input) {
    u64 error = split_input_fee(pool, fee, swap);
    if (error) return error;
  }

  u64 net = amount_in - fee, reserve_after = pool->reserve_in;
  if (add_checked(&reserve_after, net)) return CPMM_MATH_OVERFLOW;
  u64 factors[2] = {net, pool->reserve_out};
  if (multiply_divide(&swap->amount_out, factors, reserve_after, ROUND_DOWN)) return CPMM_MATH_OVERFLOW;
  if (!on_input) {
    u64 creator_factors[2] = {swap->amount_out, pool->creator_rate};
    if (multiply_divide(&swap->creator_fee, creator_factors, RATE_DENOMINATOR, ROUND_UP)) return CPMM_MATH_OVERFLOW;
    swap->amount_out -= swap->creator_fee;
  }
  return 0;
}

/* The amount before a fee of `rate` that leaves `net` after it. */
static NOINLINE int amount_before_fee(u64 *gross, u64 net, u64 rate) {
  if (rate == 0) {
    *gross = net;
    return 0;
  }
  u64 factors[2] = {net, RATE_DENOMINATOR};
  return multiply_divide(gross, factors, RATE_DENOMINATOR - rate, ROUND_UP);
}

static NOINLINE u64 quote_base_output(const Pool *pool, u64 amount_out, Swap *swap) {
  int on_input = pool->is_creator_fee_on_input;
  u64 gross_out, net_in;
  if (amount_before_fee(&gross_out, amount_out, on_input ? 0 : pool->creator_rate)) return CPMM_MATH_OVERFLOW;
  if (gross_out >= pool->reserve_out) return CPMM_INSUFFICIENT_VAULT;
  swap->amount_out = amount_out;
  swap->creator_fee = gross_out - amount_out;

  u64 factors[2] = {pool->reserve_in, gross_out};
  if (multiply_divide(&net_in, factors, pool->reserve_out - gross_out, ROUND_UP)) return CPMM_MATH_OVERFLOW;
  u64 rate = pool->trade_rate + (on_input ? pool->creator_rate : 0);
  if (amount_before_fee(&swap->amount_in, net_in, rate)) return CPMM_MATH_OVERFLOW;
  swap->trade_fee = swap->amount_in - net_in;
  return on_input ? split_input_fee(pool, swap->trade_fee, swap) : 0;
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
  if (multiply_divide(&protocol_fee, protocol_factors, RATE_DENOMINATOR, ROUND_DOWN)) return CPMM_MATH_OVERFLOW;
  if (multiply_divide(&fund_fee, fund_factors, RATE_DENOMINATOR, ROUND_DOWN)) return CPMM_MATH_OVERFLOW;
  if (add_to_field(data + POOL_PROTOCOL_FEES_0 + 8 * in, protocol_fee)) return CPMM_MATH_OVERFLOW;
  if (add_to_field(data + POOL_FUND_FEES_0 + 8 * in, fund_fee)) return CPMM_MATH_OVERFLOW;
  if (add_to_field(data + POOL_CREATOR_FEES_0 + 8 * creator_side, swap->creator_fee)) return CPMM_MATH_OVERFLOW;
  return 0;
}

static NOINLINE u64 move_tokens(const Pool *pool, const Swap *swap) {
  Transfer from_user = {&pool->invocation,
                        account(pool, TOKEN_PROGRAM_IN),
                        account(pool, USER_IN),
                        account(pool, MINT_IN),
                        account(pool, VAULT_IN),
                        account(pool, PAYER),
                        0,
                        swap->amount_in};
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
                      swap->amount_out};
  return transfer_checked(&to_user);
}

/* Fixed in, at least `minimum_out`. */
static NOINLINE u64 quote_within_minimum(const Pool *pool, u64 amount_in, u64 minimum_out, Swap *swap) {
  u64 error = quote_base_input(pool, amount_in, swap);
  if (error) return error;
  if (swap->amount_out == 0) return ANCHOR_REQUIRE_GREATER;
  return swap->amount_out < minimum_out ? CPMM_EXCEEDED_SLIPPAGE : 0;
}

/* Fixed out, at most `maximum_in`. */
static NOINLINE u64 quote_within_maximum(const Pool *pool, u64 maximum_in, u64 amount_out, Swap *swap) {
  u64 error = quote_base_output(pool, amount_out, swap);
  if (error) return error;
  if (swap->amount_in == 0) return ANCHOR_REQUIRE_GREATER;
  return swap->amount_in > maximum_in ? CPMM_EXCEEDED_SLIPPAGE : 0;
}

static NOINLINE u64 swap_tokens(Pool *pool, u64 discriminator, u64 first, u64 second) {
  int is_base_input = discriminator == SWAP_BASE_INPUT;
  Swap swap;
  Clock clock;
  u64 error = check_accounts(pool);
  if (!error) error = check_sides(pool);
  if (!error && !is_base_input && second == 0) error = ANCHOR_REQUIRE_GREATER;
  if (!error) error = check_is_open(pool, &clock);
  if (!error && is_base_input && first == 0) error = ANCHOR_REQUIRE_GREATER;
  if (!error) error = read_pool(pool);
  if (!error)
    error = is_base_input ? quote_within_minimum(pool, first, second, &swap)
                          : quote_within_maximum(pool, first, second, &swap);
  if (!error) error = record_fees(pool, &swap);
  if (!error) error = move_tokens(pool, &swap);
  if (!error) store_u64(state(pool) + POOL_RECENT_EPOCH, clock.epoch);
  if (error == CPMM_EXCEEDED_SLIPPAGE) LOG("Error: ExceededSlippage");
  return error;
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
  if (pool.invocation.account_count < ACCOUNT_COUNT) return ANCHOR_TOO_FEW_ACCOUNTS;
  return swap_tokens(&pool, discriminator, load_u64(data + 8), load_u64(data + 16));
}
