/*
 * A pool with the wire format of Meteora's DLMM: instructions swap2 and swap_exact_out2, account order, account
 * layouts and error codes.
 *
 * Written from the interface description inside the npm package @meteora-ag/dlmm (ISC) and the formulas of
 * MeteoraAg/dlmm-sdk.
 *
 * Serves: exact in and exact out, both ways, over all bin arrays that the pool's own bitmap covers; base and volatility
 * fees, on the input or in token Y; permissionless and customizable pairs, the latter from their activation on; mints of
 * SPL Token and of Token-2022 without extensions.
 * Refuses with an error code: bins with limit orders, bin arrays beyond the pool's own bitmap, permissioned pairs, host
 * fees, mints with extensions.
 * Leaves as they are: rewards, the price oracle. Emits no swap event.
 */
#include "dlmm-fees.h"
#include "token.h"

typedef struct {
  Invocation invocation;
  u8 *state;
  int is_x_to_y;
  /* The fee is taken from the input; otherwise from the output. */
  int is_fee_on_input;
  int is_exact_out;
} Pool;

/* One bin that trades, and its fee rate. */
typedef struct {
  u8 *bytes;
  u64 available;
  u64 fee_rate;
  Wide price;
} Bin;

/* What a bin gives for an amount, base units. The gross output holds a fee on the output, amount_in one on the input. */
typedef struct {
  u64 amount_in;
  u64 net_in;
  u64 gross_out;
  u64 amount_out;
  u64 fee;
  u64 protocol_fee;
} Fill;

typedef struct {
  u64 amount_in;
  u64 amount_out;
} Total;

INLINE Account *account(const Pool *pool, u64 index) { return &pool->invocation.accounts[index]; }

static NOINLINE u64 check_side(const Pool *pool, enum AccountIndex vault, enum AccountIndex mint,
                               enum AccountIndex program) {
  PoolSide side = {account(pool, vault), account(pool, mint), account(pool, program)};
  return check_pool_side(&side, DLMM_UNSUPPORTED_MINT);
}

static NOINLINE u64 check_accounts(Pool *pool) {
  const Account *pool_account = account(pool, POOL);
  const u8 *program_id = pool->invocation.program_id;
  if (!is_same_key(pool_account->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (pool_account->data_length < POOL_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  if (load_u64(pool_account->data) != POOL_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  if (!pool_account->is_writable) return ANCHOR_NOT_WRITABLE;
  pool->state = pool_account->data;
  if (!is_same_key(account(pool, VAULT_X)->key, pool->state + POOL_VAULT_X)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, VAULT_Y)->key, pool->state + POOL_VAULT_Y)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, MINT_X)->key, pool->state + POOL_MINT_X)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, MINT_Y)->key, pool->state + POOL_MINT_Y)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, ORACLE)->key, pool->state + POOL_ORACLE)) return ANCHOR_HAS_ONE;
  if (!is_same_key(account(pool, BITMAP_EXTENSION)->key, program_id)) return DLMM_INVALID_INPUT;
  if (!is_same_key(account(pool, HOST_FEE)->key, program_id)) return DLMM_INVALID_INPUT;
  if (!account(pool, PAYER)->is_signer) return ANCHOR_NOT_SIGNED;
  if (!is_same_key(account(pool, EVENT_AUTHORITY)->key, EVENT_AUTHORITY_KEY)) return ANCHOR_SEEDS;
  if (!is_same_key(account(pool, PROGRAM)->key, program_id)) return ANCHOR_ADDRESS;
  u64 error = check_side(pool, VAULT_X, MINT_X, TOKEN_PROGRAM_X);
  return error ? error : check_side(pool, VAULT_Y, MINT_Y, TOKEN_PROGRAM_Y);
}

static NOINLINE u64 check_bin_arrays(const Pool *pool) {
  for (u64 i = FIXED_ACCOUNT_COUNT; i < pool->invocation.account_count; i++) {
    const Account *array = account(pool, i);
    if (!is_same_key(array->owner, pool->invocation.program_id)) return ANCHOR_FOREIGN_OWNER;
    if (array->data_length < BIN_ARRAY_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
    if (load_u64(array->data) != BIN_ARRAY_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
    if (!is_same_key(array->data + ARRAY_POOL, account(pool, POOL)->key)) return DLMM_INVALID_BIN_ARRAY;
    if (!array->is_writable) return ANCHOR_NOT_WRITABLE;
  }
  return 0;
}

/* The mint of the user's input account says which way the swap goes. */
static NOINLINE u64 read_direction(Pool *pool) {
  const Account *user_in = account(pool, USER_IN);
  if (user_in->data_length < TOKEN_ACCOUNT_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  const u8 *mint = user_in->data + TOKEN_ACCOUNT_MINT;
  pool->is_x_to_y = is_same_key(mint, account(pool, MINT_X)->key);
  if (!pool->is_x_to_y && !is_same_key(mint, account(pool, MINT_Y)->key)) return ANCHOR_TOKEN_MINT;
  u8 mode = pool->state[POOL_COLLECT_FEE_MODE];
  if (mode > FEE_ON_TOKEN_Y) return DLMM_INVALID_POOL_TYPE;
  pool->is_fee_on_input = mode == FEE_ON_INPUT || !pool->is_x_to_y;
  return 0;
}

static NOINLINE u64 start_swap(Pool *pool, i64 *now) {
  Clock clock;
  sol_get_clock_sysvar(&clock);
  *now = clock.unix_timestamp;
  const u8 *state = pool->state;
  u8 pair_type = state[POOL_PAIR_TYPE];
  if (pair_type == PERMISSIONED || pair_type > PERMISSIONLESS_V2) return DLMM_INVALID_POOL_TYPE;
  if (state[POOL_STATUS] != 0) return DLMM_POOL_DISABLED;
  u64 point = state[POOL_ACTIVATION_TYPE] == ACTIVATED_BY_SLOT ? clock.slot : (u64)clock.unix_timestamp;
  if (pair_type == CUSTOMIZABLE && point < load_u64(state + POOL_ACTIVATION_POINT)) return DLMM_POOL_DISABLED;
  return update_reference(pool->state, *now);
}

/* In for out at a bin's price, rounded up. */
static NOINLINE u64 input_for(const Pool *pool, const Bin *bin, u64 out, u64 *input) {
  Wide amount, one = {{0, 1, 0, 0}}, result;
  wide_set(&amount, out);
  int failed = pool->is_x_to_y ? wide_multiply_divide(&result, &amount, &one, &bin->price, ROUND_UP)
                               : wide_multiply_divide(&result, &amount, &bin->price, &one, ROUND_UP);
  if (failed || !wide_fits_u64(&result)) return DLMM_MATH_OVERFLOW;
  *input = result.limb[0];
  return 0;
}

/* Out for in at a bin's price, rounded down. */
static NOINLINE u64 output_for(const Pool *pool, const Bin *bin, u64 input, u64 *out) {
  Wide amount, one = {{0, 1, 0, 0}}, result;
  wide_set(&amount, input);
  int failed = pool->is_x_to_y ? wide_multiply_divide(&result, &amount, &bin->price, &one, ROUND_DOWN)
                               : wide_multiply_divide(&result, &amount, &one, &bin->price, ROUND_DOWN);
  if (failed || !wide_fits_u64(&result)) return DLMM_MATH_OVERFLOW;
  *out = result.limb[0];
  return 0;
}

/* The protocol's share of a fee that liquidity providers earned. */
INLINE u64 share_with_protocol(const Pool *pool, Fill *fill) {
  u64 factors[2] = {fill->fee, load_u16(pool->state + POOL_PROTOCOL_SHARE)};
  return multiply_divide(&fill->protocol_fee, factors, BASIS_POINTS, ROUND_DOWN) ? DLMM_MATH_OVERFLOW : 0;
}

/* Takes as much of the input as the bin can use. */
static NOINLINE u64 fill_exact_in(const Pool *pool, const Bin *bin, u64 amount, Fill *fill) {
  u64 capacity, net = amount;
  fill->fee = 0;
  u64 error = pool->is_fee_on_input ? fee_of_gross(&fill->fee, amount, bin->fee_rate) : 0;
  if (!error) error = input_for(pool, bin, bin->available, &capacity);
  if (error) return error;
  net -= fill->fee;
  fill->amount_in = amount;
  fill->net_in = net < capacity ? net : capacity;
  fill->gross_out = bin->available;
  if (net < capacity) error = output_for(pool, bin, net, &fill->gross_out);
  if (!error && net > capacity) {
    if (pool->is_fee_on_input) error = fee_on_top(&fill->fee, capacity, bin->fee_rate);
    fill->amount_in = capacity + fill->fee;
  }
  if (!error && !pool->is_fee_on_input) error = fee_of_gross(&fill->fee, fill->gross_out, bin->fee_rate);
  if (error) return error;
  fill->amount_out = fill->gross_out - (pool->is_fee_on_input ? 0 : fill->fee);
  return share_with_protocol(pool, fill);
}

/* Gives as much of the wanted output as the bin holds. */
static NOINLINE u64 fill_exact_out(const Pool *pool, const Bin *bin, u64 wanted, Fill *fill) {
  u64 gross = wanted, fee = 0, input;
  u64 error = pool->is_fee_on_input ? 0 : fee_on_top(&fee, wanted, bin->fee_rate);
  if (error) return error;
  if (add_checked(&gross, fee)) return DLMM_MATH_OVERFLOW;
  if (gross >= bin->available) {
    error = fill_exact_in(pool, bin, ~0ULL, fill);
    /* A fee on the output can leave one unit more than was asked for. */
    if (!error && fill->amount_out > wanted) fill->amount_out = wanted;
    return error;
  }
  fee = 0;
  error = input_for(pool, bin, gross, &input);
  if (!error && pool->is_fee_on_input) error = fee_on_top(&fee, input, bin->fee_rate);
  if (error) return error;
  if (add_checked(&input, fee)) return DLMM_MATH_OVERFLOW;
  error = fill_exact_in(pool, bin, input, fill);
  if (error) return error;
  u64 surplus = fill->amount_out - wanted;
  /* What rounding gave too much is the protocol's; a single unit is ignored. */
  if (surplus > 1 && add_checked(&fill->protocol_fee, surplus)) return DLMM_MATH_OVERFLOW;
  fill->amount_out = wanted;
  return 0;
}

INLINE u64 add_to_u64(u8 *field, u64 amount) {
  u64 value = load_u64(field);
  if (add_checked(&value, amount)) return DLMM_MATH_OVERFLOW;
  store_u64(field, value);
  return 0;
}

/* Adds what is left of the fee to the growth per unit of the bin's liquidity. */
static NOINLINE u64 record_fee(const Pool *pool, const Bin *bin, const Fill *fill) {
  int in_x = pool->is_fee_on_input == pool->is_x_to_y;
  u64 error = add_to_u64(pool->state + (in_x ? POOL_PROTOCOL_FEE_X : POOL_PROTOCOL_FEE_Y), fill->protocol_fee);
  if (error || fill->fee <= fill->protocol_fee) return error;
  Wide fee, liquidity, shifted, growth, sum;
  wide_load_u128(&liquidity, bin->bytes + BIN_LIQUIDITY);
  wide_shift_right_64(&shifted, &liquidity);
  if (wide_is_zero(&shifted)) return 0;
  fee = (Wide){{0, fill->fee - fill->protocol_fee, 0, 0}};
  if (wide_divide_rounded(&growth, &fee, &shifted, ROUND_DOWN)) return DLMM_MATH_OVERFLOW;
  u8 *field = bin->bytes + (in_x ? BIN_FEE_PER_LIQUIDITY_X : BIN_FEE_PER_LIQUIDITY_Y);
  wide_load_u128(&sum, field);
  if (wide_add(&sum, &sum, &growth) || !wide_fits_u128(&sum)) return DLMM_MATH_OVERFLOW;
  wide_store_u128(field, &sum);
  return 0;
}

static NOINLINE u64 record_fill(const Pool *pool, const Bin *bin, const Fill *fill) {
  u8 *in_field = bin->bytes + (pool->is_x_to_y ? BIN_AMOUNT_X : BIN_AMOUNT_Y);
  u8 *out_field = bin->bytes + (pool->is_x_to_y ? BIN_AMOUNT_Y : BIN_AMOUNT_X);
  u64 error = add_to_u64(in_field, fill->net_in);
  if (error) return error;
  store_u64(out_field, bin->available - fill->gross_out);
  return record_fee(pool, bin, fill);
}

/* The array that holds a bin. One that the pool has and the instruction does not name is an error, never skipped. */
static NOINLINE u64 find_array(const Pool *pool, u64 lifted_id, u8 **bins) {
  u64 lifted_index = lifted_id / BINS_PER_ARRAY;
  u64 bit = lifted_index - ID_OFFSET / BINS_PER_ARRAY + BITMAP_HALF;
  if (bit >= 2 * BITMAP_HALF) return DLMM_BITMAP_EXTENSION_MISSING;
  *bins = 0;
  if (!((pool->state[POOL_BITMAP + (bit >> 3)] >> (bit & 7)) & 1)) return 0;
  for (u64 i = FIXED_ACCOUNT_COUNT; i < pool->invocation.account_count; i++) {
    u8 *array = account(pool, i)->data;
    if (load_u64(array + ARRAY_INDEX) + BITMAP_HALF == bit) {
      *bins = array + ARRAY_BINS;
      return 0;
    }
  }
  return DLMM_BIN_ARRAY_NOT_FOUND;
}

/* Whether the bin gives anything of what is wanted. Its price is read and its fee follows from its distance. */
static NOINLINE u64 open_bin(const Pool *pool, u8 *bytes, i64 id, Bin *bin) {
  bin->bytes = bytes;
  bin->available = load_u64(bytes + (pool->is_x_to_y ? BIN_AMOUNT_Y : BIN_AMOUNT_X));
  if (load_u64(bytes + BIN_OPEN_ORDERS) | load_u64(bytes + BIN_PROCESSED_ORDERS)) return DLMM_INVALID_POOL_TYPE;
  if (bin->available == 0) return 0;
  wide_load_u128(&bin->price, bytes + BIN_PRICE);
  if (wide_is_zero(&bin->price)) return DLMM_INVALID_BIN_ARRAY;
  update_accumulator(pool->state, id);
  return total_fee_rate(pool->state, &bin->fee_rate);
}

/* Trades in one bin; `*left` is what remains of the input or of the wanted output. */
static NOINLINE u64 trade_bin(const Pool *pool, const Bin *bin, u64 *left, Total *total) {
  Fill fill;
  u64 error =
      pool->is_exact_out ? fill_exact_out(pool, bin, *left, &fill) : fill_exact_in(pool, bin, *left, &fill);
  if (!error) error = record_fill(pool, bin, &fill);
  if (error) return error;
  *left -= pool->is_exact_out ? fill.amount_out : fill.amount_in;
  if (add_checked(&total->amount_in, fill.amount_in)) return DLMM_MATH_OVERFLOW;
  return add_checked(&total->amount_out, fill.amount_out) ? DLMM_MATH_OVERFLOW : 0;
}

/* From bin to bin until nothing is left. */
static NOINLINE u64 walk_bins(const Pool *pool, u64 amount, Total *total) {
  u64 lifted = (u64)(load_i32(pool->state + POOL_ACTIVE_ID) + ID_OFFSET), left = amount;
  u8 *bins = 0;
  u64 error = find_array(pool, lifted, &bins);
  while (!error) {
    Bin bin;
    u64 place = lifted % BINS_PER_ARRAY;
    bin.available = 0;
    if (bins) error = open_bin(pool, bins + place * BIN_BYTES, (i64)lifted - ID_OFFSET, &bin);
    if (!error && bin.available) error = trade_bin(pool, &bin, &left, total);
    if (error) return error;
    if (bin.available && left == 0) {
      store_u32(pool->state + POOL_ACTIVE_ID, (u32)(lifted - ID_OFFSET));
      return 0;
    }
    u64 last = pool->is_x_to_y ? 0 : BINS_PER_ARRAY - 1;
    if (!bins) lifted = pool->is_x_to_y ? lifted - place : lifted + (last - place);
    int is_leaving = !bins || place == last;
    lifted = pool->is_x_to_y ? lifted - 1 : lifted + 1;
    if (is_leaving) error = find_array(pool, lifted, &bins);
  }
  return error == DLMM_BITMAP_EXTENSION_MISSING ? DLMM_INSUFFICIENT_LIQUIDITY : error;
}

INLINE u64 check_limits(const Pool *pool, const u64 amounts[2], const Total *total) {
  if (total->amount_out == 0) return DLMM_INSUFFICIENT_OUT_AMOUNT;
  if (pool->is_exact_out) return total->amount_in > amounts[0] ? DLMM_EXCEEDED_SLIPPAGE : 0;
  return total->amount_out < amounts[1] ? DLMM_EXCEEDED_SLIPPAGE : 0;
}

/* The pool owns its vaults: it is the address of the two mints, by their order, and of its parameters. */
static NOINLINE u64 send_from_pool(const Pool *pool, u64 amount) {
  const u8 *x = account(pool, MINT_X)->key, *y = account(pool, MINT_Y)->key;
  int is_x_first = 0;
  for (int i = 0; i < 32; i++) {
    if (x[i] == y[i]) continue;
    is_x_first = x[i] < y[i];
    break;
  }
  const u8 *state = pool->state;
  Seed seeds[5] = {{is_x_first ? x : y, 32},
                   {is_x_first ? y : x, 32},
                   {state + POOL_BIN_STEP_SEED, 2},
                   {state + POOL_BASE_FACTOR_SEED, 2},
                   {state + POOL_BUMP, 1}};
  SignerSeeds signer = {seeds, 5};
  int in_x = !pool->is_x_to_y;
  Transfer transfer = {&pool->invocation,
                       account(pool, in_x ? TOKEN_PROGRAM_X : TOKEN_PROGRAM_Y),
                       account(pool, in_x ? VAULT_X : VAULT_Y),
                       account(pool, in_x ? MINT_X : MINT_Y),
                       account(pool, USER_OUT),
                       account(pool, POOL),
                       &signer,
                       amount};
  return transfer_checked(&transfer);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Total *total) {
  int in_x = pool->is_x_to_y;
  Transfer from_user = {&pool->invocation,
                        account(pool, in_x ? TOKEN_PROGRAM_X : TOKEN_PROGRAM_Y),
                        account(pool, USER_IN),
                        account(pool, in_x ? MINT_X : MINT_Y),
                        account(pool, in_x ? VAULT_X : VAULT_Y),
                        account(pool, PAYER),
                        0,
                        total->amount_in};
  u64 error = transfer_checked(&from_user);
  return error ? error : send_from_pool(pool, total->amount_out);
}

static NOINLINE u64 swap_tokens(Pool *pool, const u64 amounts[2]) {
  Total total = {0, 0};
  i64 now;
  u64 amount = amounts[pool->is_exact_out ? 1 : 0];
  u64 error = amount == 0 ? DLMM_INVALID_INPUT : check_accounts(pool);
  if (!error) error = check_bin_arrays(pool);
  if (!error) error = read_direction(pool);
  if (!error) error = start_swap(pool, &now);
  if (!error) error = walk_bins(pool, amount, &total);
  if (!error) error = check_limits(pool, amounts, &total);
  if (error == DLMM_EXCEEDED_SLIPPAGE) LOG("Error: ExceededAmountSlippageTolerance");
  if (error) return error;
  store_u64(pool->state + POOL_LAST_UPDATE, (u64)now);
  return move_tokens(pool, &total);
}

/* swap2 holds the input and the least output, swap_exact_out2 the most input and the output. */
u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  if (pool.invocation.data_length < 8) return ANCHOR_UNKNOWN_INSTRUCTION;
  u64 instruction = load_u64(data);
  if (instruction != SWAP2 && instruction != SWAP_EXACT_OUT2) return ANCHOR_UNKNOWN_INSTRUCTION;
  if (pool.invocation.data_length < SWAP_BYTES) return ANCHOR_BAD_INSTRUCTION_DATA;
  if (load_u32(data + 24) != 0) return DLMM_INVALID_INPUT;
  if (pool.invocation.account_count < FIXED_ACCOUNT_COUNT) return ANCHOR_TOO_FEW_ACCOUNTS;
  pool.is_exact_out = instruction == SWAP_EXACT_OUT2;
  u64 amounts[2] = {load_u64(data + 8), load_u64(data + 16)};
  return swap_tokens(&pool, amounts);
}
