/** How many signatures one request for statuses can name (`getSignatureStatuses`). */
export const SIGNATURES_PER_REQUEST = 256;

/** How many receipts one transaction can close, with a compute budget and a memo of up to 40 characters. */
export const RECEIPTS_PER_TRANSACTION = 7;
