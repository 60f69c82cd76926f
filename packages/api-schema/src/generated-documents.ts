import { postmanCollection, postmanEnvironment } from './postman.ts';

const asJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Text of every document that is made from the contract, by its path in the repository. */
export const generatedDocuments = (): Readonly<Record<string, string>> => ({
  'docs/postman/order-execution-engine.postman_collection.json': asJson(postmanCollection()),
  'docs/postman/local.postman_environment.json': asJson(postmanEnvironment()),
});
