/*
 * A pool with the wire format of Meteora's DLMM: swaps with exact input, exact output and a bound on the price, account
 * order, account layouts, events and error codes.
 *
 * Written from the interface description inside the npm package @meteora-ag/dlmm (ISC), the formulas of
 * MeteoraAg/dlmm-sdk, and what the program of mainnet answers.
 *
 * Serves: both versions of the three swap instructions, both ways, over all bin arrays; base and volatility fees, on the
 * input or in token Y; transfer fees of Token-2022; limit orders; host fees; rewards; the oracle; all types of pairs from
 * their activation on.
 */
#include "anchor-event.h"
#include "dlmm-accounts.h"
#include "dlmm-arrays.h"
#include "dlmm-fill.h"
#include "dlmm-oracle.h"
#include "dlmm-rewards.h"
#include "dlmm-transfers.h"

/* How many accounts transfer hooks take, and whether some of them are for rewards, which no swap moves. */
typedef struct {
  u64 taken;
  int has_rewards;
} Slices;

/* What was asked. Base units; `bound` is the least output of an exact input, or the most input. */
typedef struct {
  int is_first_version;
  u64 amount;
  u64 bound;
  /* Basis points by which the price may be worse than that of the bin `price_id`. */
  int is_price_bound;
  u64 price_bps;
  int has_price_id;
  i64 price_id;
} Request;

/* Sums over the bins of a swap. */
typedef struct {
  i64 start_id;
  /* What is left of the input. */
  u64 left;
  u64 amount_in;
  u64 amount_out;
  /* What the wallet sends and receives: the mints may withhold a part. */
  u64 sent;
  u64 received;
  u64 positions_fee;
  u64 orders_fee;
  u64 protocol_fee;
  u64 host_fee;
  u64 fee_rate;
} Total;

static NOINLINE u64 check_activation(const Pool *pool) {
  const u8 *state = pool->state;
  u8 pair_type = state[POOL_PAIR_TYPE], activation = state[POOL_ACTIVATION_TYPE];
  if (pair_type > PERMISSIONLESS_V2) return DLMM_INVALID_POOL_TYPE;
  if (activation > ACTIVATED_BY_TIMESTAMP) return DLMM_INVALID_ACTIVATION_TYPE;
  if (state[POOL_STATUS] != 0) return DLMM_POOL_DISABLED;
  if (pair_type != PERMISSIONED && pair_type != CUSTOMIZABLE) return 0;
  u64 now = activation == ACTIVATED_BY_SLOT ? pool->clock.slot : (u64)pool->clock.unix_timestamp;
  u64 opens = load_u64(state + POOL_ACTIVATION_POINT), before = load_u64(state + POOL_PRE_ACTIVATION_DURATION);
  /* One address may swap earlier than others. */
  if (is_same_key(account(pool, PAYER)->key, state + POOL_PRE_ACTIVATION_ADDRESS))
    opens = opens > before ? opens - before : 0;
  return now >= opens ? 0 : DLMM_POOL_DISABLED;
}

/* Opens the bin `id`: its layers, and the fee that follows from its distance. Nothing in it leaves fee and price unread. */
static NOINLINE u64 open_bin(const Pool *pool, u8 *bytes, i64 id, Bin *bin) {
  bin->bytes = bytes;
  bin->layers[POSITIONS] = load_u64(bytes + (pool->is_x_to_y ? BIN_AMOUNT_Y : BIN_AMOUNT_X));
  bin->layers[PROCESSED] = bin->layers[OPEN] = 0;
  if (pool->has_orders && (bytes[BIN_ORDERS_ARE_ASKS] != 0) != pool->is_x_to_y) {
    bin->layers[PROCESSED] = load_u64(bytes + BIN_PROCESSED_ORDERS);
    bin->layers[OPEN] = load_u64(bytes + BIN_OPEN_ORDERS);
  }
  if (available_in(bin) == 0) return 0;
  wide_load_u128(&bin->price, bytes + BIN_PRICE);
  if (wide_is_zero(&bin->price)) return DLMM_MATH_OVERFLOW;
  update_accumulator(pool->state, id);
  return total_fee_rate(pool->state, &bin->fee_rate);
}

static NOINLINE u64 add_fill(Total *total, const Fill *fill) {
  if (add_checked(&total->amount_in, fill->amount_in)) return DLMM_MATH_OVERFLOW;
  if (add_checked(&total->amount_out, fill->amount_out)) return DLMM_MATH_OVERFLOW;
  total->left -= fill->amount_in;
  total->positions_fee += fill->positions_fee;
  total->orders_fee += fill->orders_fee;
  total->protocol_fee += fill->protocol_fee;
  total->host_fee += fill->host_fee;
  return 0;
}

/* Trades in one bin; `wanted` is what an exact output still lacks. */
static NOINLINE u64 trade_bin(Pool *pool, const Bin *bin, u64 *wanted, Total *total) {
  Fill fill;
  const u64 wanted_and_most[2] = {*wanted, total->left};
  u64 error = pool->is_exact_out ? fill_exact_out(pool, bin, wanted_and_most, &fill)
                                 : fill_exact_in(pool, bin, total->left, &fill);
  if (!error) error = record_fill(pool, bin, &fill);
  share_rewards_with(pool, bin->bytes);
  if (error) return error;
  if (pool->is_exact_out) *wanted -= fill.amount_out;
  return add_fill(total, &fill);
}

INLINE i64 active_id(const Pool *pool) { return load_i32(pool->state + POOL_ACTIVE_ID); }
INLINE void set_active_id(const Pool *pool, i64 id) { store_u32(pool->state + POOL_ACTIVE_ID, (u32)id); }

static NOINLINE u64 advance(const Pool *pool) {
  i64 next = active_id(pool) + (pool->is_x_to_y ? -1 : 1);
  if (next < load_i32(pool->state + POOL_MIN_BIN_ID) || next > load_i32(pool->state + POOL_MAX_BIN_ID))
    return DLMM_INSUFFICIENT_LIQUIDITY;
  set_active_id(pool, next);
  return 0;
}

INLINE int is_done(const Pool *pool, u64 wanted, const Total *total) {
  return total->left == 0 || (pool->is_exact_out && wanted == 0);
}

/* From bin to bin of one array until it ends or nothing is left to do. */
static NOINLINE u64 walk_array(Pool *pool, u8 *bins, u64 *wanted, Total *total) {
  i64 index = array_index_of(active_id(pool)), first = index * BINS_PER_ARRAY;
  while (array_index_of(active_id(pool)) == index) {
    Bin bin;
    u64 error = open_bin(pool, bins + (u64)(active_id(pool) - first) * BIN_BYTES, active_id(pool), &bin);
    if (!error && available_in(&bin)) error = trade_bin(pool, &bin, wanted, total);
    if (error) return error;
    if (is_done(pool, *wanted, total)) return 0;
    error = advance(pool);
    if (error) return error;
  }
  return 0;
}

/* The first array is read also where no output is wanted, but not where nothing of the input has arrived. */
static NOINLINE u64 walk(Pool *pool, u64 wanted, Total *total) {
  if (total->left == 0) return 0;
  do {
    u8 *bins;
    i64 here = array_index_of(active_id(pool)), index = here;
    u64 error = find_array(pool, &index);
    if (!error) error = take_array(pool, index, &bins);
    if (error) return error;
    /* Over the gap to the next array. */
    if (index != here)
      set_active_id(pool, index * BINS_PER_ARRAY + (pool->is_x_to_y ? BINS_PER_ARRAY - 1 : 0));
    error = is_done(pool, wanted, total) ? 0 : walk_array(pool, bins, &wanted, total);
    if (error) return error;
  } while (!is_done(pool, wanted, total));
  return 0;
}

/* The pool owns its vaults: it is the address of the two mints, by their order, and, by its type, of its base or settings. */
static NOINLINE u64 send_from_pool(const Pool *pool, u64 amount, enum AccountIndex destination, int is_x) {
  const u8 *x = account(pool, MINT_X)->key, *y = account(pool, MINT_Y)->key, *state = pool->state;
  int is_x_first = 0;
  for (int i = 0; i < 32; i++) {
    if (x[i] == y[i]) continue;
    is_x_first = x[i] < y[i];
    break;
  }
  Seed seeds[6];
  u64 count = 0;
  u8 pair_type = state[POOL_PAIR_TYPE];
  if (pair_type != PERMISSIONLESS) seeds[count++] = (Seed){state + POOL_BASE_KEY, 32};
  seeds[count++] = (Seed){is_x_first ? x : y, 32};
  seeds[count++] = (Seed){is_x_first ? y : x, 32};
  if (pair_type <= PERMISSIONED) seeds[count++] = (Seed){state + POOL_BIN_STEP_SEED, 2};
  if (pair_type == PERMISSIONLESS && state[POOL_HAS_BASE_FACTOR_SEED])
    seeds[count++] = (Seed){state + POOL_BASE_FACTOR_SEED, 2};
  seeds[count++] = (Seed){state + POOL_BUMP, 1};
  SignerSeeds signer = {seeds, count};
  Transfer transfer = {&pool->invocation,
                       account(pool, is_x ? TOKEN_PROGRAM_X : TOKEN_PROGRAM_Y),
                       account(pool, is_x ? VAULT_X : VAULT_Y),
                       account(pool, is_x ? MINT_X : MINT_Y),
                       account(pool, destination),
                       account(pool, POOL),
                       &signer,
                       amount};
  return transfer_checked(&transfer);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Total *total) {
  int is_x = pool->is_x_to_y;
  Transfer from_user = {&pool->invocation,
                        account(pool, is_x ? TOKEN_PROGRAM_X : TOKEN_PROGRAM_Y),
                        account(pool, USER_IN),
                        account(pool, is_x ? MINT_X : MINT_Y),
                        account(pool, is_x ? VAULT_X : VAULT_Y),
                        account(pool, PAYER),
                        0,
                        total->sent};
  u64 error = transfer_checked(&from_user);
  if (!error && total->host_fee) error = send_from_pool(pool, total->host_fee, HOST_FEE, is_fee_in_x(pool));
  return error ? error : send_from_pool(pool, total->amount_out, USER_OUT, !is_x);
}

/* What both events begin with: pool, payer, first and last bin. */
#define EVENT_COMMON_BYTES (EVENT_HEADER_BYTES + 72)

static NOINLINE void write_event_start(const Pool *pool, u8 *bytes, u64 discriminator, i64 start_id) {
  store_u64(bytes, EVENT_INSTRUCTION);
  store_u64(bytes + 8, discriminator);
  for (int i = 0; i < 32; i += 8) {
    store_u64(bytes + EVENT_HEADER_BYTES + i, load_u64(account(pool, POOL)->key + i));
    store_u64(bytes + EVENT_HEADER_BYTES + 32 + i, load_u64(account(pool, PAYER)->key + i));
  }
  store_u32(bytes + EVENT_HEADER_BYTES + 64, (u32)start_id);
  store_u32(bytes + EVENT_HEADER_BYTES + 68, (u32)active_id(pool));
}

static NOINLINE u64 emit(const Pool *pool, const u8 *bytes, u64 length) {
  static const u8 BUMP[1] = {EVENT_AUTHORITY_BUMP};
  Event event = {&pool->invocation, account(pool, EVENT_AUTHORITY), BUMP, bytes, length};
  return emit_event(&event);
}

static NOINLINE u64 emit_swap(const Pool *pool, const Total *total) {
  u8 bytes[SWAP_EVENT_BYTES];
  write_event_start(pool, bytes, SWAP_EVENT, total->start_id);
  u8 *at = bytes + EVENT_COMMON_BYTES;
  store_u64(at, total->sent);
  store_u64(at + 8, total->amount_out);
  at[16] = (u8)pool->is_x_to_y;
  u64 fee = total->positions_fee + total->orders_fee + total->protocol_fee + total->host_fee;
  store_u64(at + 17, fee);
  store_u64(at + 25, total->protocol_fee);
  store_u64(at + 33, total->fee_rate);
  store_u64(at + 41, 0);
  store_u64(at + 49, total->host_fee);
  return emit(pool, bytes, sizeof(bytes));
}

static NOINLINE u64 emit_swap2(const Pool *pool, const Total *total) {
  u8 bytes[SWAP2_EVENT_BYTES];
  write_event_start(pool, bytes, SWAP2_EVENT, total->start_id);
  u8 *at = bytes + EVENT_COMMON_BYTES;
  at[0] = (u8)pool->is_x_to_y;
  store_u64(at + 1, total->fee_rate);
  store_u64(at + 9, 0);
  store_u64(at + 17, total->sent);
  store_u64(at + 25, total->left);
  store_u64(at + 33, total->amount_out);
  store_u64(at + 41, total->positions_fee);
  store_u64(at + 49, total->protocol_fee);
  store_u64(at + 57, total->orders_fee);
  store_u64(at + 65, total->host_fee);
  at[73] = (u8)pool->is_fee_on_input;
  at[74] = (u8)is_fee_in_x(pool);
  return emit(pool, bytes, sizeof(bytes));
}

/* The least output at a price that is worse by the bound: the worst price, then the output, both rounded down. */
static NOINLINE u64 least_output(const Pool *pool, const Request *request, const Total *total, u64 *least) {
  Wide kept, whole, one = {{0, 1, 0, 0}}, price, amount, result;
  u64 error = bin_price(&price, load_u16(pool->state + POOL_BIN_STEP),
                        request->has_price_id ? request->price_id : total->start_id);
  if (error) return error;
  if (request->price_bps > BASIS_POINTS) return DLMM_MATH_OVERFLOW;
  wide_set(&kept, BASIS_POINTS - request->price_bps);
  wide_set(&whole, BASIS_POINTS);
  wide_set(&amount, request->amount);
  int failed = pool->is_x_to_y ? wide_multiply_divide(&price, &price, &kept, &whole, ROUND_DOWN)
                               : wide_multiply_divide(&price, &price, &whole, &kept, ROUND_DOWN);
  if (failed || !wide_fits_u128(&price)) return DLMM_MATH_OVERFLOW;
  failed = pool->is_x_to_y ? wide_multiply_divide(&result, &amount, &price, &one, ROUND_DOWN)
                           : wide_multiply_divide(&result, &amount, &one, &price, ROUND_DOWN);
  if (failed) return DLMM_MATH_OVERFLOW;
  if (!wide_fits_u64(&result)) return DLMM_TYPE_CAST;
  *least = result.limb[0];
  return 0;
}

static NOINLINE u64 check_limits(const Pool *pool, const Request *request, const Total *total) {
  if (pool->is_exact_out) return total->received == request->amount ? 0 : DLMM_NOT_EXACT_AMOUNT_OUT;
  u64 least = request->bound;
  u64 error = request->is_price_bound ? least_output(pool, request, total, &least) : 0;
  if (error) return error;
  return total->received < least ? DLMM_EXCEEDED_SLIPPAGE : 0;
}

/* All of an exact input was traded, whatever its mint withheld. */
static NOINLINE u64 sum_up_transfers(const Pool *pool, const Request *request, Total *total) {
  total->sent = request->amount;
  u64 error = pool->is_exact_out ? amount_before(&pool->transfer_fee_in, total->amount_in, &total->sent) : 0;
  return error ? error : amount_after(&pool->transfer_fee_out, total->amount_out, &total->received);
}

static NOINLINE u64 trade(Pool *pool, const Request *request, Total *total) {
  sol_get_clock_sysvar(&pool->clock);
  read_transfer_fees(pool);
  *total = (Total){0};
  pool->rewarded_count = 0;
  total->start_id = active_id(pool);
  u64 wanted = request->amount, given = pool->is_exact_out ? request->bound : request->amount;
  u64 error = check_activation(pool);
  if (!error && given == 0) error = DLMM_INVALID_INPUT;
  if (!error) error = amount_after(&pool->transfer_fee_in, given, &total->left);
  if (!error && pool->is_exact_out) error = amount_before(&pool->transfer_fee_out, request->amount, &wanted);
  if (!error) error = read_settings(pool);
  if (!error) error = update_reference(pool->state, pool->clock.unix_timestamp);
  if (!error) error = observe(pool);
  if (!error) error = walk(pool, wanted, total);
  if (!error) error = read_reward_times(pool);
  if (!error) error = total_fee_rate(pool->state, &total->fee_rate);
  if (error) return error;
  error = sum_up_transfers(pool, request, total);
  if (error) return error;
  if (total->start_id != active_id(pool)) store_u64(pool->state + POOL_LAST_UPDATE, (u64)pool->clock.unix_timestamp);
  return 0;
}

static NOINLINE u64 swap_tokens(Pool *pool, const Request *request) {
  Total total;
  u64 error = trade(pool, request, &total);
  if (!error && total.received == 0) error = DLMM_INSUFFICIENT_OUT_AMOUNT;
  if (!error) error = pay_rewards(pool);
  /* The order shows where a transfer fails: events before it stand in the record of the transaction. */
  if (!error && !request->is_first_version) error = emit_swap(pool, &total);
  if (!error) error = move_tokens(pool, &total);
  if (!error && request->is_first_version) error = emit_swap(pool, &total);
  if (!error) error = emit_swap2(pool, &total);
  return error ? error : check_limits(pool, request, &total);
}

/*
 * Slices of the accounts behind the fixed ones, for transfer hooks: a length, then for each a type and a count. Bin arrays
 * follow behind them.
 */
static NOINLINE u64 read_slices(const Pool *pool, u64 offset, Slices *slices) {
  const u8 *data = pool->invocation.data;
  u64 length = pool->invocation.data_length;
  if (offset + 4 > length) return ANCHOR_BAD_INSTRUCTION_DATA;
  u64 count = load_u32(data + offset);
  offset += 4;
  *slices = (Slices){0};
  for (u64 i = 0; i < count; i++) {
    if (offset + 2 > length || data[offset] > HOOK_OF_HOST) return ANCHOR_BAD_INSTRUCTION_DATA;
    u8 type = data[offset++];
    /* One more byte says which reward it is. */
    if (type == HOOK_OF_MANY_REWARDS) offset++;
    if (offset + 1 > length) return ANCHOR_BAD_INSTRUCTION_DATA;
    if (type == HOOK_OF_REWARD || type == HOOK_OF_MANY_REWARDS) slices->has_rewards = 1;
    slices->taken += data[offset++];
  }
  return 0;
}

/* Inserts a place for the memo program, which the first versions do not name, so that all others keep their places. */
static NOINLINE void insert_memo_program(Invocation *invocation) {
  if (invocation->account_count < MEMO_PROGRAM) return;
  for (u64 i = invocation->account_count; i > MEMO_PROGRAM; i--) invocation->accounts[i] = invocation->accounts[i - 1];
  invocation->accounts[MEMO_PROGRAM] = invocation->accounts[TOKEN_PROGRAM_Y];
  invocation->account_count++;
}

/* Amounts, or an amount and a bound on the price. Returns where the data goes on; 0 when it is too short. */
static NOINLINE u64 read_request(const Pool *pool, Request *request) {
  const u8 *data = pool->invocation.data;
  u64 length = pool->invocation.data_length;
  if (!request->is_price_bound) {
    if (length < 24) return 0;
    u64 first = load_u64(data + 8), second = load_u64(data + 16);
    request->amount = pool->is_exact_out ? second : first;
    request->bound = pool->is_exact_out ? first : second;
    return 24;
  }
  if (length < 19 || data[16] > 1) return 0;
  request->amount = load_u64(data + 8);
  request->has_price_id = data[16];
  u64 end = request->has_price_id ? 23 : 19;
  if (length < end) return 0;
  if (request->has_price_id) request->price_id = load_i32(data + 17);
  request->price_bps = load_u16(data + end - 2);
  return end;
}

static NOINLINE u64 run_swap(Pool *pool, int is_first_version, int is_price_bound) {
  Request request = {.is_first_version = is_first_version, .is_price_bound = is_price_bound};
  u64 end = read_request(pool, &request);
  if (end == 0) return ANCHOR_BAD_INSTRUCTION_DATA;
  Slices slices = {0};
  u64 error = is_first_version ? 0 : read_slices(pool, end, &slices);
  if (error) return error;
  if (is_first_version) insert_memo_program(&pool->invocation);
  error = check_accounts(pool, is_first_version);
  if (error) return error;
  if (slices.has_rewards) return DLMM_INVALID_SLICE;
  pool->next_account = FIXED_ACCOUNT_COUNT + slices.taken;
  if (pool->next_account > pool->invocation.account_count) return DLMM_TOO_FEW_REMAINING_ACCOUNTS;
  return swap_tokens(pool, &request);
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  if (pool.invocation.data_length < 8) return ANCHOR_UNKNOWN_INSTRUCTION;
  u64 instruction = load_u64(pool.invocation.data);
  pool.is_exact_out = instruction == SWAP_EXACT_OUT || instruction == SWAP_EXACT_OUT2;
  switch (instruction) {
    case SWAP:
    case SWAP_EXACT_OUT:
      return run_swap(&pool, 1, 0);
    case SWAP2:
    case SWAP_EXACT_OUT2:
      return run_swap(&pool, 0, 0);
    case SWAP_WITH_PRICE_IMPACT:
      return run_swap(&pool, 1, 1);
    case SWAP_WITH_PRICE_IMPACT2:
      return run_swap(&pool, 0, 1);
    case EVENT_INSTRUCTION:
      return receive_event(&pool.invocation, EVENT_AUTHORITY_KEY);
    default:
      return ANCHOR_UNKNOWN_INSTRUCTION;
  }
}
