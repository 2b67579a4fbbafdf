/** Waits until `condition` holds; throws when it does not within so many seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`)
    // The pause between two looks; the condition decides, not the time.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Runs `job` for 0 … count − 1, so many at a time. */
export async function crowd<T>(count: number, atOnce: number, job: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next++
      results[index] = await job(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, lane))
  return results
}
