/* Wire format of Meteora's DLMM: instructions, accounts, layouts and errors. Offsets are in bytes. */
#ifndef METEORA_DLMM_H
#define METEORA_DLMM_H

#include "integers.h"

/* The first eight bytes of the instruction data, read as a little-endian number. */
#define SWAP2 0x885b5beb4c3f4b41ULL
#define SWAP_EXACT_OUT2 0x51f33c8984f7d72bULL
/* Discriminator, two amounts, and an empty list of accounts for transfer hooks. */
#define SWAP_BYTES 28

enum AccountIndex {
  POOL,
  BITMAP_EXTENSION,
  VAULT_X,
  VAULT_Y,
  USER_IN,
  USER_OUT,
  MINT_X,
  MINT_Y,
  ORACLE,
  HOST_FEE,
  PAYER,
  TOKEN_PROGRAM_X,
  TOKEN_PROGRAM_Y,
  MEMO_PROGRAM,
  EVENT_AUTHORITY,
  PROGRAM,
  /* Bin arrays follow. */
  FIXED_ACCOUNT_COUNT,
};

#define POOL_DISCRIMINATOR 0x0db165b562310b21ULL
#define POOL_BYTES 904
enum PoolOffset {
  POOL_BASE_FACTOR = 8,
  POOL_FILTER_PERIOD = 10,
  POOL_DECAY_PERIOD = 12,
  POOL_REDUCTION_FACTOR = 14,
  POOL_FEE_CONTROL = 16,
  POOL_MAX_ACCUMULATOR = 20,
  POOL_PROTOCOL_SHARE = 32,
  POOL_BASE_FEE_POWER = 34,
  POOL_COLLECT_FEE_MODE = 36,
  POOL_ACCUMULATOR = 40,
  POOL_REFERENCE = 44,
  POOL_INDEX_REFERENCE = 48,
  POOL_LAST_UPDATE = 56,
  POOL_BUMP = 72,
  POOL_BIN_STEP_SEED = 73,
  POOL_PAIR_TYPE = 75,
  POOL_ACTIVE_ID = 76,
  POOL_BIN_STEP = 80,
  POOL_STATUS = 82,
  POOL_BASE_FACTOR_SEED = 84,
  POOL_ACTIVATION_TYPE = 86,
  POOL_MINT_X = 88,
  POOL_MINT_Y = 120,
  POOL_VAULT_X = 152,
  POOL_VAULT_Y = 184,
  POOL_PROTOCOL_FEE_X = 216,
  POOL_PROTOCOL_FEE_Y = 224,
  POOL_ORACLE = 552,
  POOL_BITMAP = 584,
  POOL_ACTIVATION_POINT = 816,
};

enum CollectFeeMode { FEE_ON_INPUT, FEE_ON_TOKEN_Y };
enum PairType { PERMISSIONLESS, PERMISSIONED, CUSTOMIZABLE, PERMISSIONLESS_V2 };
enum ActivationType { ACTIVATED_BY_SLOT, ACTIVATED_BY_TIMESTAMP };

#define BIN_ARRAY_DISCRIMINATOR 0xb5469405dc5c8e5cULL
#define BIN_ARRAY_BYTES 10136
#define BINS_PER_ARRAY 70
/* Indexes of bin arrays run from -512 to 511 in the pool's own bitmap. */
#define BITMAP_HALF 512
enum BinArrayOffset { ARRAY_INDEX = 8, ARRAY_POOL = 24, ARRAY_BINS = 56 };

#define BIN_BYTES 144
enum BinOffset {
  BIN_AMOUNT_X = 0,
  BIN_AMOUNT_Y = 8,
  BIN_PRICE = 16,
  BIN_LIQUIDITY = 32,
  BIN_FEE_PER_LIQUIDITY_X = 80,
  BIN_FEE_PER_LIQUIDITY_Y = 96,
  BIN_OPEN_ORDERS = 112,
  BIN_PROCESSED_ORDERS = 128,
};

#define FEE_PRECISION 1000000000ULL
#define MAX_FEE_RATE 100000000ULL
#define BASIS_POINTS 10000ULL

enum DlmmError {
  DLMM_INVALID_INPUT = 6002,
  DLMM_EXCEEDED_SLIPPAGE = 6003,
  DLMM_BIN_ARRAY_NOT_FOUND = 6009,
  DLMM_INSUFFICIENT_LIQUIDITY = 6012,
  DLMM_MATH_OVERFLOW = 6018,
  DLMM_INVALID_BIN_ARRAY = 6027,
  DLMM_BITMAP_EXTENSION_MISSING = 6036,
  DLMM_INSUFFICIENT_OUT_AMOUNT = 6039,
  DLMM_POOL_DISABLED = 6042,
  DLMM_INVALID_POOL_TYPE = 6043,
  /* Ours: Token-2022 extensions change what arrives, and this program does not compute that. */
  DLMM_UNSUPPORTED_MINT = 6010,
};

/* D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6 */
static const u8 EVENT_AUTHORITY_KEY[32] = {0xb2, 0x70, 0xd6, 0x7f, 0xa9, 0x8c, 0x51, 0xcf, 0x02, 0x13, 0x05,
                                           0x13, 0x58, 0x96, 0x2b, 0xaf, 0x35, 0x74, 0x2b, 0xed, 0x59, 0xc9,
                                           0xd9, 0x44, 0x5e, 0x9c, 0x0d, 0x0c, 0x85, 0xc7, 0xcd, 0x91};

#endif
