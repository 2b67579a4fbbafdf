/** Lets everything else that waits in the event loop run once: between cheeses, so that nobody waits for more than one. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
