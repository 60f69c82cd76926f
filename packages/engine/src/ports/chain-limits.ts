/** How many signatures one request for statuses can name (`getSignatureStatuses`). */
export const SIGNATURES_PER_REQUEST = 256;

/** How many accounts one request can name (`getMultipleAccounts`). */
export const ACCOUNTS_PER_REQUEST = 100;

/** The most compute units that one transaction can ask for. */
export const MAX_COMPUTE_UNITS = 1_400_000;

/** How many receipts one transaction can close, with a compute budget and a memo of up to 40 characters. */
export const RECEIPTS_PER_TRANSACTION = 7;

/** Length of the seed of an account of wrapped SOL: as many bytes of the transaction. */
export const WRAP_SEED_CHARACTERS = 5;
