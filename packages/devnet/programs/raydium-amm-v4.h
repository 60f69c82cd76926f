/* Wire format of Raydium's AMM v4: instructions, accounts, layout and errors. Offsets are in bytes. */
#ifndef RAYDIUM_AMM_V4_H
#define RAYDIUM_AMM_V4_H

#include "integers.h"

/* The first byte of the instruction data; two amounts follow. */
enum SwapTag { SWAP_BASE_IN = 9, SWAP_BASE_OUT = 11, SWAP_BASE_IN_V2 = 16, SWAP_BASE_OUT_V2 = 17 };
#define INSTRUCTION_BYTES 17

/* Accounts of the instructions without an order book. */
enum AccountIndex {
  TOKEN_PROGRAM,
  POOL_STATE,
  AUTHORITY,
  COIN_VAULT,
  PC_VAULT,
  USER_SOURCE,
  USER_DESTINATION,
  USER_OWNER,
  ACCOUNT_COUNT,
};
/*
 * The older instructions also name an order book: the pool's open orders and, if the caller likes, its target orders
 * before the vaults, and eight accounts of the market behind them.
 */
#define ORDER_BOOK_ACCOUNT_COUNT 17
#define MARKET_ACCOUNT_COUNT 8

#define POOL_BYTES 752
enum PoolOffset {
  POOL_STATUS = 0,
  POOL_NONCE = 8,
  POOL_SWAP_FEE_NUMERATOR = 176,
  POOL_SWAP_FEE_DENOMINATOR = 184,
  POOL_NEED_TAKE_PNL_COIN = 192,
  POOL_NEED_TAKE_PNL_PC = 200,
  POOL_OPEN_TIME = 224,
  POOL_ORDER_BOOK_END_TIME = 248,
  POOL_COIN_IN = 256,
  POOL_PC_OUT = 272,
  POOL_PC_FEES = 288,
  POOL_PC_IN = 296,
  POOL_COIN_OUT = 312,
  POOL_COIN_FEES = 328,
  POOL_COIN_VAULT = 336,
  POOL_PC_VAULT = 368,
  POOL_OPEN_ORDERS = 496,
  POOL_MARKET = 528,
  POOL_MARKET_PROGRAM = 560,
  POOL_RECENT_EPOCH = 736,
};

enum PoolStatus {
  STATUS_UNINITIALIZED,
  STATUS_INITIALIZED,
  STATUS_DISABLED,
  STATUS_WITHDRAW_ONLY,
  STATUS_LIQUIDITY_ONLY,
  STATUS_ORDER_BOOK_ONLY,
  STATUS_SWAP_ONLY,
  STATUS_WAITING_TRADE,
  STATUS_COUNT,
};

/* What a swap logs behind "ray_log: ", in base64: a type, and seven numbers of 64 bits. */
#define SWAP_LOG_BYTES 57
enum SwapLogType { LOG_SWAP_BASE_IN = 3, LOG_SWAP_BASE_OUT = 4 };
enum SwapDirection { PC_TO_COIN = 1, COIN_TO_PC = 2 };

enum AmmError {
  AMM_INVALID_PROGRAM_ADDRESS = 1,
  AMM_EXPECTED_ACCOUNT = 3,
  AMM_INVALID_COIN_VAULT = 4,
  AMM_INVALID_PC_VAULT = 5,
  AMM_INVALID_OPEN_ORDERS = 10,
  AMM_INVALID_MARKET = 11,
  AMM_INVALID_MARKET_PROGRAM = 12,
  AMM_INVALID_SIGN_ACCOUNT = 21,
  AMM_INVALID_STATUS = 22,
  AMM_WRONG_ACCOUNTS_NUMBER = 24,
  AMM_INVALID_POOL_OWNER = 27,
  AMM_INVALID_INPUT = 29,
  AMM_EXCEEDED_SLIPPAGE = 30,
  AMM_SUBTRACTION_OVERFLOW = 32,
  AMM_INVALID_TOKEN_PROGRAM = 38,
  AMM_INSUFFICIENT_FUNDS = 40,
  AMM_INVALID_USER_TOKEN = 42,
};

static const u8 AUTHORITY_SEED[] = "amm authority";

#endif
