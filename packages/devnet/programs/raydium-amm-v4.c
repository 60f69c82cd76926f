/*
 * A constant-product pool with the wire format of Raydium's AMM v4: instructions swap_base_in and swap_base_out and
 * their forms without an order book, account order, account layout, swap log and error codes.
 *
 * Written from the published facts of raydium-io/raydium-amm (Apache-2.0): program/src/{instruction,state,math,log,
 * processor}.rs; where that program panics, so does this one. A pool that lends its tokens to an order book is refused.
 */
#include "raydium-amm-v4.h"
#include "token-interface.h"
#include "wide-math.h"

#define INVALID_INSTRUCTION_DATA RUNTIME_ERROR(3)
#define NOT_ENOUGH_ACCOUNT_KEYS RUNTIME_ERROR(11)

extern u64 sol_create_program_address(const Seed *seeds, u64 count, const u8 *program_id, u8 *address);

typedef struct {
  Invocation invocation;
  /* Those of an instruction without an order book, whichever it is. */
  const Account *accounts[ACCOUNT_COUNT];
  int is_base_in;
  int names_order_book;
  int has_order_book;
  int is_coin_in;
  u64 coin_reserve;
  u64 pc_reserve;
} Pool;

/* Base units. */
typedef struct {
  u64 amount_in;
  u64 amount_out;
  /* Part of the input. */
  u64 fee;
} Swap;

INLINE const Account *account(const Pool *pool, enum AccountIndex index) { return pool->accounts[index]; }
INLINE u8 *state(const Pool *pool) { return account(pool, POOL_STATE)->data; }
INLINE u64 user_amount(const Pool *pool) { return token_amount(account(pool, USER_SOURCE)); }

INLINE int is_mint_of(const Pool *pool, enum AccountIndex a, enum AccountIndex b) {
  return is_same_key(account(pool, a)->data + TOKEN_ACCOUNT_MINT, account(pool, b)->data + TOKEN_ACCOUNT_MINT);
}

static NOINLINE u64 check_pool(const Account *pool, const u8 *program_id) {
  if (!is_same_key(pool->owner, program_id)) return AMM_INVALID_POOL_OWNER;
  if (pool->data_length != POOL_BYTES) return AMM_EXPECTED_ACCOUNT;
  u64 status = load_u64(pool->data + POOL_STATUS);
  if (status == STATUS_UNINITIALIZED) return AMM_INVALID_STATUS;
  if (status >= STATUS_COUNT) panic();
  return 0;
}

/* Finds the accounts in either order, and the pool among them before it needs the last ones. */
static NOINLINE u64 name_accounts(Pool *pool) {
  const Account *given = pool->invocation.accounts;
  u64 count = pool->invocation.account_count, vaults = COIN_VAULT, users = USER_SOURCE;
  if (pool->names_order_book) {
    if (count != ORDER_BOOK_ACCOUNT_COUNT && count != ORDER_BOOK_ACCOUNT_COUNT + 1) return AMM_WRONG_ACCOUNTS_NUMBER;
    vaults += 1 + count - ORDER_BOOK_ACCOUNT_COUNT;
    users = vaults + 2 + MARKET_ACCOUNT_COUNT;
  }
  if (count < vaults + 2) return NOT_ENOUGH_ACCOUNT_KEYS;
  for (int index = 0; index < COIN_VAULT; index++) pool->accounts[index] = &given[index];
  for (int index = 0; index < 2; index++) pool->accounts[COIN_VAULT + index] = &given[vaults + index];
  u64 error = check_pool(account(pool, POOL_STATE), pool->invocation.program_id);
  if (error) return error;
  if (count < users + 3) return NOT_ENOUGH_ACCOUNT_KEYS;
  for (int index = 0; index < 3; index++) pool->accounts[USER_SOURCE + index] = &given[users + index];
  return 0;
}

/* A token account of SPL Token. */
static NOINLINE u64 check_spl_account(const Account *account) {
  if (!is_same_key(account->owner, TOKEN_KEY)) return AMM_INVALID_TOKEN_PROGRAM;
  const u8 *data = account->data;
  if (account->data_length != TOKEN_ACCOUNT_BYTES) return AMM_EXPECTED_ACCOUNT;
  if (!is_option(data + TOKEN_ACCOUNT_DELEGATE) || !is_option(data + TOKEN_ACCOUNT_NATIVE)) return AMM_EXPECTED_ACCOUNT;
  if (!is_option(data + TOKEN_ACCOUNT_CLOSE_AUTHORITY)) return AMM_EXPECTED_ACCOUNT;
  u8 token_state = data[TOKEN_ACCOUNT_STATE];
  return token_state == 0 || token_state > 2 ? AMM_EXPECTED_ACCOUNT : 0;
}

/* The pool's nonce is the byte that takes its authority off the curve. */
static NOINLINE int is_authority(const Pool *pool) {
  u8 derived[PUBKEY_BYTES];
  Seed seeds[2] = {{AUTHORITY_SEED, sizeof(AUTHORITY_SEED) - 1}, {state(pool) + POOL_NONCE, 1}};
  if (sol_create_program_address(seeds, 2, pool->invocation.program_id, derived)) return 0;
  return is_same_key(account(pool, AUTHORITY)->key, derived);
}

static NOINLINE int is_vault(const Pool *pool, enum AccountIndex index) {
  const u8 *key = account(pool, index)->key;
  return is_same_key(key, state(pool) + POOL_COIN_VAULT) || is_same_key(key, state(pool) + POOL_PC_VAULT);
}

static NOINLINE u64 check_accounts(const Pool *pool) {
  if (!account(pool, USER_OWNER)->is_signer) return AMM_INVALID_SIGN_ACCOUNT;
  if (!is_same_key(account(pool, TOKEN_PROGRAM)->key, TOKEN_KEY)) return AMM_INVALID_TOKEN_PROGRAM;
  if (!is_authority(pool)) return AMM_INVALID_PROGRAM_ADDRESS;
  if (!is_same_key(account(pool, COIN_VAULT)->key, state(pool) + POOL_COIN_VAULT)) return AMM_INVALID_COIN_VAULT;
  if (!is_same_key(account(pool, PC_VAULT)->key, state(pool) + POOL_PC_VAULT)) return AMM_INVALID_PC_VAULT;
  if (is_vault(pool, USER_SOURCE) || is_vault(pool, USER_DESTINATION)) return AMM_INVALID_USER_TOKEN;
  for (int index = COIN_VAULT; index <= USER_DESTINATION; index++) {
    u64 error = check_spl_account(account(pool, (enum AccountIndex)index));
    if (error) return error;
  }
  return 0;
}

/* Whether the pool trades now. One that waited for its opening time or for its order book's end waits no more. */
static NOINLINE u64 open_pool(Pool *pool) {
  u8 *data = state(pool);
  u64 status = load_u64(data + POOL_STATUS);
  pool->has_order_book = status == STATUS_INITIALIZED || status == STATUS_ORDER_BOOK_ONLY;
  if (status == STATUS_INITIALIZED || status == STATUS_SWAP_ONLY) return 0;
  if (status != STATUS_WAITING_TRADE && status != STATUS_ORDER_BOOK_ONLY) return AMM_INVALID_STATUS;
  Clock clock;
  sol_get_clock_sysvar(&clock);
  int waits_to_open = status == STATUS_WAITING_TRADE;
  u64 due = load_u64(data + (waits_to_open ? POOL_OPEN_TIME : POOL_ORDER_BOOK_END_TIME));
  if ((u64)clock.unix_timestamp < due) return AMM_INVALID_STATUS;
  store_u64(data + POOL_STATUS, waits_to_open ? STATUS_SWAP_ONLY : STATUS_INITIALIZED);
  return 0;
}

/* There is no order book here whose orders a pool could cancel: the accounts are checked, and the pool is refused. */
static NOINLINE u64 refuse_order_book(const Pool *pool) {
  if (!pool->names_order_book) return AMM_INVALID_STATUS;
  const Account *given = pool->invocation.accounts, *market = account(pool, PC_VAULT) + 1;
  if (!is_same_key(given[COIN_VAULT].key, state(pool) + POOL_OPEN_ORDERS)) return AMM_INVALID_OPEN_ORDERS;
  if (!is_same_key(market[0].key, state(pool) + POOL_MARKET_PROGRAM)) return AMM_INVALID_MARKET_PROGRAM;
  if (!is_same_key(market[1].key, state(pool) + POOL_MARKET)) return AMM_INVALID_MARKET;
  return AMM_INVALID_STATUS;
}

/* Reserves are what the vaults hold less the profit that is still to be taken out of them. */
static NOINLINE u64 read_reserves(Pool *pool) {
  u64 pc = token_amount(account(pool, PC_VAULT)), pc_profit = load_u64(state(pool) + POOL_NEED_TAKE_PNL_PC);
  u64 coin = token_amount(account(pool, COIN_VAULT)), coin_profit = load_u64(state(pool) + POOL_NEED_TAKE_PNL_COIN);
  if (pc < pc_profit || coin < coin_profit) return AMM_SUBTRACTION_OVERFLOW;
  pool->pc_reserve = pc - pc_profit;
  pool->coin_reserve = coin - coin_profit;
  return 0;
}

/* No mint is named: the wallet's two accounts tell the direction. */
static NOINLINE u64 read_direction(Pool *pool) {
  if (is_mint_of(pool, USER_SOURCE, COIN_VAULT) && is_mint_of(pool, USER_DESTINATION, PC_VAULT)) {
    pool->is_coin_in = 1;
    return 0;
  }
  pool->is_coin_in = 0;
  int is_pc_in = is_mint_of(pool, USER_SOURCE, PC_VAULT) && is_mint_of(pool, USER_DESTINATION, COIN_VAULT);
  return is_pc_in ? 0 : AMM_INVALID_USER_TOKEN;
}

INLINE u64 reserve_in(const Pool *pool) { return pool->is_coin_in ? pool->coin_reserve : pool->pc_reserve; }
INLINE u64 reserve_out(const Pool *pool) { return pool->is_coin_in ? pool->pc_reserve : pool->coin_reserve; }

static NOINLINE void write_base64(u8 *text, const u8 *bytes, u64 length) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (u64 i = 0; i < length; i += 3) {
    u32 three = ((u32)bytes[i] << 16) | ((u32)bytes[i + 1] << 8) | bytes[i + 2];
    for (int digit = 3; digit >= 0; digit--, three >>= 6) text[digit] = (u8)digits[three & 63];
    text += 4;
  }
}

/* The line by which indexers know a swap, also one that fails behind it. */
static NOINLINE void log_swap(const Pool *pool, u64 first, u64 second, u64 computed) {
  u8 bytes[SWAP_LOG_BYTES];
  bytes[0] = pool->is_base_in ? LOG_SWAP_BASE_IN : LOG_SWAP_BASE_OUT;
  store_u64(bytes + 1, first);
  store_u64(bytes + 9, second);
  store_u64(bytes + 17, pool->is_coin_in ? COIN_TO_PC : PC_TO_COIN);
  store_u64(bytes + 25, user_amount(pool));
  store_u64(bytes + 33, pool->coin_reserve);
  store_u64(bytes + 41, pool->pc_reserve);
  store_u64(bytes + 49, computed);
  char text[9 + SWAP_LOG_BYTES / 3 * 4] = "ray_log: ";
  write_base64((u8 *)text + 9, bytes, SWAP_LOG_BYTES);
  sol_log_(text, sizeof(text));
}

/* Fixed in, at least `minimum_out`. */
static NOINLINE u64 quote_base_in(const Pool *pool, u64 amount_in, u64 minimum_out, Swap *swap) {
  if (user_amount(pool) < amount_in) {
    log_swap(pool, amount_in, minimum_out, 0);
    return AMM_INSUFFICIENT_FUNDS;
  }
  const u8 *data = state(pool);
  u64 factors[2] = {amount_in, load_u64(data + POOL_SWAP_FEE_NUMERATOR)};
  if (multiply_divide(&swap->fee, factors, load_u64(data + POOL_SWAP_FEE_DENOMINATOR), ROUND_UP)) panic();
  if (swap->fee > amount_in) panic();
  Wide in, net, out, divisor;
  wide_set(&net, amount_in - swap->fee);
  wide_set(&in, reserve_in(pool));
  wide_add(&divisor, &in, &net);
  wide_set(&out, reserve_out(pool));
  if (wide_multiply_divide(&in, &out, &net, &divisor, ROUND_DOWN)) panic();
  swap->amount_in = amount_in;
  swap->amount_out = in.limb[0];
  log_swap(pool, amount_in, minimum_out, swap->amount_out);
  return swap->amount_out < minimum_out ? AMM_EXCEEDED_SLIPPAGE : 0;
}

/* Fixed out, at most `maximum_in`. */
static NOINLINE u64 quote_base_out(const Pool *pool, u64 maximum_in, u64 amount_out, Swap *swap) {
  const u8 *data = state(pool);
  u64 numerator = load_u64(data + POOL_SWAP_FEE_NUMERATOR), denominator = load_u64(data + POOL_SWAP_FEE_DENOMINATOR);
  if (amount_out >= reserve_out(pool) || numerator >= denominator) panic();
  Wide in, out, net, gross;
  wide_set(&in, reserve_in(pool));
  wide_set(&out, amount_out);
  wide_set(&gross, reserve_out(pool) - amount_out);
  if (wide_multiply_divide(&net, &in, &out, &gross, ROUND_UP)) panic();
  wide_set(&out, denominator);
  if (wide_multiply(&gross, &net, &out) || !wide_fits_u128(&gross)) panic();
  wide_set(&out, denominator - numerator);
  if (wide_divide_rounded(&gross, &gross, &out, ROUND_UP) || !wide_fits_u64(&gross)) panic();
  swap->amount_in = gross.limb[0];
  swap->amount_out = amount_out;
  swap->fee = swap->amount_in - net.limb[0];
  log_swap(pool, maximum_in, amount_out, swap->amount_in);
  if (user_amount(pool) < swap->amount_in) return AMM_INSUFFICIENT_FUNDS;
  return maximum_in < swap->amount_in ? AMM_EXCEEDED_SLIPPAGE : 0;
}

typedef struct {
  const Invocation *invocation;
  const Account *source;
  const Account *destination;
  const Account *owner;
  const SignerSeeds *signer;
  u64 amount;
} SplTransfer;

#define SPL_TRANSFER 3

static NOINLINE u64 transfer(const SplTransfer *transfer) {
  u8 data[9] = {SPL_TRANSFER};
  store_u64(data + 1, transfer->amount);
  AccountMeta metas[3] = {{transfer->source->key, 1, 0}, {transfer->destination->key, 1, 0}, {transfer->owner->key, 0, 1}};
  Instruction instruction = {TOKEN_KEY, metas, 3, data, sizeof(data)};
  return sol_invoke_signed_c(&instruction, transfer->invocation->accounts, (int)transfer->invocation->account_count,
                             transfer->signer, transfer->signer ? 1 : 0);
}

static NOINLINE u64 move_tokens(const Pool *pool, const Swap *swap) {
  enum AccountIndex vault_in = pool->is_coin_in ? COIN_VAULT : PC_VAULT;
  enum AccountIndex vault_out = pool->is_coin_in ? PC_VAULT : COIN_VAULT;
  SplTransfer from_user = {&pool->invocation, account(pool, USER_SOURCE), account(pool, vault_in),
                           account(pool, USER_OWNER), 0, swap->amount_in};
  u64 error = transfer(&from_user);
  if (error) return error;
  Seed seeds[2] = {{AUTHORITY_SEED, sizeof(AUTHORITY_SEED) - 1}, {state(pool) + POOL_NONCE, 1}};
  SignerSeeds signer = {seeds, 2};
  SplTransfer to_user = {&pool->invocation, account(pool, vault_out), account(pool, USER_DESTINATION),
                         account(pool, AUTHORITY), &signer, swap->amount_out};
  return transfer(&to_user);
}

static NOINLINE void add_to_total(u8 *total, u64 amount) {
  Wide sum, addend;
  wide_load_u128(&sum, total);
  wide_set(&addend, amount);
  wide_add(&sum, &sum, &addend);
  if (!wide_fits_u128(&sum)) panic();
  wide_store_u128(total, &sum);
}

static NOINLINE void record_swap(const Pool *pool, const Swap *swap) {
  u8 *data = state(pool), *fees = data + (pool->is_coin_in ? POOL_COIN_FEES : POOL_PC_FEES);
  add_to_total(data + (pool->is_coin_in ? POOL_COIN_IN : POOL_PC_IN), swap->amount_in);
  add_to_total(data + (pool->is_coin_in ? POOL_PC_OUT : POOL_COIN_OUT), swap->amount_out);
  u64 total = load_u64(fees);
  if (add_checked(&total, swap->fee)) panic();
  store_u64(fees, total);
  Clock clock;
  sol_get_clock_sysvar(&clock);
  store_u64(data + POOL_RECENT_EPOCH, clock.epoch);
}

static NOINLINE u64 swap_tokens(Pool *pool, u64 first, u64 second) {
  Swap swap;
  u64 error = name_accounts(pool);
  if (!error) error = check_accounts(pool);
  if (!error) error = open_pool(pool);
  if (!error && pool->has_order_book) error = refuse_order_book(pool);
  if (!error) error = read_reserves(pool);
  if (!error) error = read_direction(pool);
  if (!error)
    error = pool->is_base_in ? quote_base_in(pool, first, second, &swap) : quote_base_out(pool, first, second, &swap);
  if (error == AMM_EXCEEDED_SLIPPAGE) LOG("Error: exceeds desired slippage limit");
  if (error == AMM_INSUFFICIENT_FUNDS) LOG("Error: insufficient funds");
  if (error) return error;
  if (swap.amount_in == 0 || swap.amount_out == 0) return AMM_INVALID_INPUT;
  if (swap.amount_out >= reserve_out(pool)) return AMM_INSUFFICIENT_FUNDS;
  error = move_tokens(pool, &swap);
  if (error) return error;
  record_swap(pool, &swap);
  return 0;
}

u64 entrypoint(u8 *input) {
  Pool pool;
  u64 error = read_invocation(&pool.invocation, input);
  if (error) return error;
  const u8 *data = pool.invocation.data;
  if (pool.invocation.data_length < INSTRUCTION_BYTES) return INVALID_INSTRUCTION_DATA;
  switch (data[0]) {
    case SWAP_BASE_IN:
    case SWAP_BASE_IN_V2:
      pool.is_base_in = 1;
      break;
    case SWAP_BASE_OUT:
    case SWAP_BASE_OUT_V2:
      pool.is_base_in = 0;
      break;
    default:
      return INVALID_INSTRUCTION_DATA;
  }
  pool.names_order_book = data[0] == SWAP_BASE_IN || data[0] == SWAP_BASE_OUT;
  return swap_tokens(&pool, load_u64(data + 1), load_u64(data + 9));
}
