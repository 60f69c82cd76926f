/** Close codes besides the standard ones. They carry refusals, since browsers cannot read the HTTP status of an upgrade. */
export const CLOSE = {
  over: 1000,
  restart: 1012,
  badRequest: 4400,
  unauthorized: 4401,
  unknown: 4404,
  slow: 4408,
  departed: 4410,
};
