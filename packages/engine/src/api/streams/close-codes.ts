/** Close codes beside the standard ones: refusals are told here, since browsers cannot read an HTTP status. */
export const CLOSE = {
  over: 1000,
  restart: 1012,
  badRequest: 4400,
  unauthorized: 4401,
  unknown: 4404,
  slow: 4408,
};
