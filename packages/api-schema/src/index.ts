/** The wire contract: what clients send and what they get, in zod. */
export type { AmendOrderBody } from './amend-order.ts';
export { priceFrame } from './answers.ts';
export { asyncApiDocument, CHANNELS, channels } from './asyncapi.ts';
export type { DialectOrder } from './dialect-order.ts';
export { EVENT_DATA, type WireEventData } from './event-data.ts';
export { type ExecuteOrderBody, executeOrderBody } from './execute-order.ts';
export { hintOf } from './hints.ts';
export { toJsonSchema } from './json-schema.ts';
export { openApiDocument } from './openapi.ts';
export type { AnswerOf, BodyOf, ParamsOf, QueryOf, Shown } from './operation-types.ts';
export { idempotencyKey, OPERATIONS, type Operation, operations } from './operations.ts';
export { order, orderStatus, type WireOrder } from './order.ts';
export { accountEvent, orderEvent, streamOpened, type WireOrderEvent } from './order-event.ts';
export { PROBLEMS, type Problem, type ProblemCode, toProblem } from './problem.ts';
export { after, pairs } from './query-fields.ts';
export { type ReviewOrderBody, reviewOrderBody } from './review-order.ts';
export {
  ORDER_TYPES,
  SCENARIOS,
  type SubmitOrderBody,
  submitOrderBody,
  swapMode,
  TYPE_HINT,
  tokenInput,
} from './submit-order.ts';
