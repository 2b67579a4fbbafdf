import { readFileSync } from 'node:fs'

/** Whether process `pid` runs no more. One that has ended and that its parent has not taken note of (a zombie) has ended. */
export function processEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Another user's: the number was given out again, and the one that we mean has ended. (On Windows it may be an administrator's.)
    return code === 'ESRCH' || (code === 'EPERM' && process.platform !== 'win32')
  }
  if (process.platform !== 'linux') return false
  try {
    // proc(5): the state is the first field after the name, which is in parentheses and may hold anything.
    return /^.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
