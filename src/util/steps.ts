/**
 * Work in small parts: whoever runs it may do something else wherever it yields, or all of it at once. What it reads must
 * stay as it is meanwhile. Whether and when there is a pause never changes what comes out.
 */
export type Steps<T> = Generator<void, T, void>

/** Runs all of `steps` at once. */
export function allAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
