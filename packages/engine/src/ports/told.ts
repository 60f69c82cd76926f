/** An answer of one of several equal parts, such as nodes, and which one gave it. */
export interface Told<Part, Answer> {
  readonly node: Part;
  readonly answer: Answer;
}
