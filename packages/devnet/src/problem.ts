/** An answer of the admin API that is not a success, as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly hint: string;

  constructor(problem: { status: number; code: string; title: string; detail: string; hint: string }) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.hint = problem.hint;
  }

  toBody() {
    const { status, code, title, message, hint } = this;
    return { type: 'about:blank', title, status, code, detail: message, hint };
  }
}

export function badBody(detail: string, hint: string): Problem {
  return new Problem({ status: 400, code: 'bad_body', title: 'Bad request', detail, hint });
}
