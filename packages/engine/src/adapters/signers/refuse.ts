import { PolicyRefused } from '../../ports/signer.ts';

/** @throws {PolicyRefused} With the rule that the message breaks. */
export function require(isAllowed: boolean, problem: string): asserts isAllowed {
  if (!isAllowed) refuse(problem);
}

/** @throws {PolicyRefused} Always. */
export function refuse(problem: string): never {
  throw new PolicyRefused(`The message was not signed: ${problem}.`);
}
