/** What a process and all that it started take, as the system counts it. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Parents of all processes. */
function parents(): Map<number, number> {
  const found = new Map<number, number>()
  if (process.platform === 'linux') {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      try {
        // The name in brackets may hold anything; what follows it does not.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
      } catch {
        // It has just ended.
      }
    }
    return found
  }
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    if (pid !== undefined && parent !== undefined) found.set(pid, parent)
  }
  return found
}

/** `pid` and everything below it. */
export function family(pid: number): number[] {
  const all = parents()
  const members = [pid]
  for (const member of members) for (const [child, parent] of all) if (parent === member && !members.includes(child)) members.push(child)
  return members
}

/** How `megabytes` counts on this system. */
export const COUNTED = process.platform === 'linux' ? 'proportional set size (shared pages shared out)' : 'resident set size (shared pages counted in each)'

/** Memory of a process and all below it, MB. */
export function megabytes(pid: number): number {
  let bytes = 0
  for (const member of family(pid)) {
    try {
      const text =
        process.platform === 'linux'
          ? (/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8'))?.[1] ?? '0')
          : execFileSync('ps', ['-o', 'rss=', '-p', String(member)], { encoding: 'utf8' })
      bytes += Number(text.trim()) * 1024
    } catch {
      // It has just ended.
    }
  }
  return bytes / 1e6
}

/** Has the system forget what it keeps of files in memory; false where that is not permitted. */
export function dropFileCache(): boolean {
  if (process.platform !== 'linux') return false
  try {
    execFileSync('sync')
    writeFileSync('/proc/sys/vm/drop_caches', '3')
    return true
  } catch {
    return false
  }
}
