/* Wire format of Meteora's DLMM: instructions, accounts, layouts and errors. Offsets are in bytes. */
#ifndef METEORA_DLMM_H
#define METEORA_DLMM_H

#include "integers.h"

/* The first eight bytes of the instruction data, read as a little-endian number. */
#define SWAP 0xc88775e1919ec6f8ULL
#define SWAP2 0x885b5beb4c3f4b41ULL
#define SWAP_EXACT_OUT 0xb84bcf26216549faULL
#define SWAP_EXACT_OUT2 0x51f33c8984f7d72bULL
#define SWAP_WITH_PRICE_IMPACT 0xcd9ce4add0e6ad38ULL
#define SWAP_WITH_PRICE_IMPACT2 0x334b33b1d6c0624aULL

/* Whose transfer hook a slice of accounts is for. */
enum SliceType { HOOK_OF_X, HOOK_OF_Y, HOOK_OF_REWARD, HOOK_OF_MANY_REWARDS, HOOK_OF_HOST };

/* Events, after their header. */
#define SWAP_EVENT 0xc40ad0cdbee36c51ULL
#define SWAP_EVENT_BYTES (16 + 129)
#define SWAP2_EVENT 0x4d541b94d752742eULL
#define SWAP2_EVENT_BYTES (16 + 147)

/* The instructions without a 2 at the end have no memo program; the accounts behind it stand one place before. */
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
  /* Accounts for transfer hooks and bin arrays follow. */
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
  POOL_MIN_BIN_ID = 24,
  POOL_MAX_BIN_ID = 28,
  POOL_PROTOCOL_SHARE = 32,
  POOL_BASE_FEE_POWER = 34,
  POOL_FUNCTION_TYPE = 35,
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
  POOL_HAS_BASE_FACTOR_SEED = 83,
  POOL_BASE_FACTOR_SEED = 84,
  POOL_ACTIVATION_TYPE = 86,
  POOL_MINT_X = 88,
  POOL_MINT_Y = 120,
  POOL_VAULT_X = 152,
  POOL_VAULT_Y = 184,
  POOL_PROTOCOL_FEE_X = 216,
  POOL_PROTOCOL_FEE_Y = 224,
  POOL_REWARDS = 264,
  POOL_ORACLE = 552,
  POOL_BITMAP = 584,
  POOL_PRE_ACTIVATION_ADDRESS = 752,
  POOL_BASE_KEY = 784,
  POOL_ACTIVATION_POINT = 816,
  POOL_PRE_ACTIVATION_DURATION = 824,
};

/* A reward of the pool: mint, vault, funder, then numbers. Times are in Unix seconds, the rate a second in Q64.64. */
#define REWARD_BYTES 144
#define REWARD_COUNT 2
enum RewardOffset { REWARD_END = 104, REWARD_RATE = 112, REWARD_UPDATED = 128 };
/* The first so many bins of a swap share what accrued of a reward. */
#define MOST_REWARDED_BINS 15

enum CollectFeeMode { FEE_ON_INPUT, FEE_ON_TOKEN_Y };
enum FunctionType { UNDETERMINED, LIQUIDITY_MINING, LIMIT_ORDERS };
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
  /* Of a pool with rewards: what each of the two has earned per unit of liquidity, 16 bytes each. */
  BIN_REWARD_PER_LIQUIDITY = 48,
  /* Of a pool with limit orders, in the same bytes: what of X and Y was bought from them, and what they earned. */
  BIN_FILLED_X = 48,
  BIN_FILLED_Y = 56,
  BIN_ASK_FEE = 64,
  BIN_BID_FEE = 72,
  BIN_FEE_PER_LIQUIDITY_X = 80,
  BIN_FEE_PER_LIQUIDITY_Y = 96,
  /* The sum of the orders without any fill; then of those that are being filled their sum and its unfilled rest. */
  BIN_OPEN_ORDERS = 112,
  BIN_PROCESSING_ORDERS = 120,
  BIN_PROCESSED_ORDERS = 128,
  BIN_ORDER_AGE = 136,
  BIN_ORDERS_ARE_ASKS = 140,
};

#define EXTENSION_DISCRIMINATOR 0x0512ed37717c6f50ULL
#define EXTENSION_BYTES 1576
/* Bitmaps of 12 times 512 indexes beyond the pool's own, above it and below it. */
#define EXTENSION_CHUNKS 12
enum ExtensionOffset { EXTENSION_POOL = 8, EXTENSION_ABOVE = 40, EXTENSION_BELOW = 40 + EXTENSION_CHUNKS * 64 };

#define ORACLE_DISCRIMINATOR 0xf4e5b38cb383c28bULL
enum OracleOffset { ORACLE_INDEX = 8, ORACLE_ACTIVE = 16, ORACLE_LENGTH = 24, ORACLE_OBSERVATIONS = 32 };
#define OBSERVATION_BYTES 32
enum ObservationOffset { OBSERVED_SUM = 0, OBSERVED_FIRST = 16, OBSERVED_LAST = 24 };
/* Seconds after which the oracle begins another observation. */
#define OBSERVATION_LIFETIME 120

#define FEE_PRECISION 1000000000ULL
#define MAX_FEE_RATE 100000000ULL
#define BASIS_POINTS 10000ULL
/* One of so many parts of the protocol's fee is its host's. */
#define HOST_PARTS 5
/* Basis points of a limit order's fee that its owner gets. */
#define ORDER_OWNER_SHARE 5000ULL

enum DlmmError {
  DLMM_INVALID_INPUT = 6002,
  DLMM_EXCEEDED_SLIPPAGE = 6003,
  DLMM_INVALID_MINT = 6010,
  DLMM_INSUFFICIENT_LIQUIDITY = 6012,
  DLMM_MATH_OVERFLOW = 6018,
  DLMM_TYPE_CAST = 6019,
  DLMM_INVALID_BIN_ARRAY = 6027,
  DLMM_BITMAP_EXTENSION_MISSING = 6036,
  DLMM_NO_MORE_BIN_ARRAYS = 6037,
  DLMM_INSUFFICIENT_OUT_AMOUNT = 6039,
  DLMM_POOL_DISABLED = 6042,
  DLMM_INVALID_POOL_TYPE = 6043,
  DLMM_NOT_EXACT_AMOUNT_OUT = 6057,
  DLMM_INVALID_ACTIVATION_TYPE = 6058,
  DLMM_FEE_INVERSE_IS_INCORRECT = 6065,
  DLMM_TOO_FEW_REMAINING_ACCOUNTS = 6074,
  DLMM_INVALID_SLICE = 6075,
  DLMM_UNDETERMINED = 6085,
  DLMM_INSUFFICIENT_IN_AMOUNT = 6104,
  DLMM_INVALID_FEE_MODE = 6110,
};

/* D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6 */
static const u8 EVENT_AUTHORITY_KEY[32] = {0xb2, 0x70, 0xd6, 0x7f, 0xa9, 0x8c, 0x51, 0xcf, 0x02, 0x13, 0x05,
                                           0x13, 0x58, 0x96, 0x2b, 0xaf, 0x35, 0x74, 0x2b, 0xed, 0x59, 0xc9,
                                           0xd9, 0x44, 0x5e, 0x9c, 0x0d, 0x0c, 0x85, 0xc7, 0xcd, 0x91};
#define EVENT_AUTHORITY_BUMP 255

#endif
