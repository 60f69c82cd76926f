/** The wire contract: what clients send and what they get, in zod. */
export { asyncApiDocument, CHANNELS, channels } from './asyncapi.ts';
export type { DialectOrder } from './dialect-order.ts';
export { type ExecuteOrderBody, executeOrderBody } from './execute-order.ts';
export { hintOf } from './hints.ts';
export { toJsonSchema } from './json-schema.ts';
export { openApiDocument } from './openapi.ts';
export type { AnswerOf, BodyOf, ParamsOf, QueryOf } from './operation-types.ts';
export { idempotencyKey, OPERATIONS, type Operation, operations } from './operations.ts';
export {
  accountEvent,
  order,
  orderEvent,
  orderStatus,
  streamOpened,
  type WireOrder,
  type WireOrderEvent,
} from './order.ts';
export { PROBLEMS, type Problem, type ProblemCode, toProblem } from './problem.ts';
export { type ReviewOrderBody, reviewOrderBody } from './review-order.ts';
export { SCENARIOS, type SubmitOrderBody, submitOrderBody, swapMode, tokenInput } from './submit-order.ts';
