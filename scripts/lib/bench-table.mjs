import { existsSync, readFileSync } from 'node:fs'

/** In the order in which `npm run bench` runs them. */
export const BENCHES = ['mine', 'verify', 'sync', 'connect', 'accounts', 'loop', 'start', 'relay', 'tracker', 'hosting']

/**
 * @typedef {{ name: string, value: number, goal?: { atLeast: number } | { atMost: number }, reached?: boolean }} Ratio
 * @typedef {{ bench: string, at: string, ratios: readonly Ratio[] }} Result
 */

/**
 * What a bench wrote into `folder`; undefined if nothing, or if that was before `since`.
 * @param {string} folder
 * @param {string} name
 * @param {Date} since
 * @returns {Result | undefined}
 */
export function readResult(folder, name, since) {
  const file = `${folder}/${name}.json`
  if (!existsSync(file)) return undefined
  const result = JSON.parse(readFileSync(file, 'utf8'))
  return new Date(result.at) < since ? undefined : result
}

function goalOf({ goal, reached }) {
  if (!goal) return ''
  return `${'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`}  ${reached ? 'reached' : 'MISSED'}`
}

/**
 * All ratios of a run, one a line, with their goals, and how many of those were reached. `undefined`: that bench gave nothing.
 * @param {ReadonlyMap<string, Result | undefined>} results
 * @returns {{ text: string, missed: number }}
 */
export function ratioTable(results) {
  const lines = []
  const goals = []
  for (const [name, result] of results) {
    lines.push(name)
    if (!result) lines.push('  (no result)')
    for (const ratio of result?.ratios ?? []) {
      lines.push(`  ${ratio.name.padEnd(64)} ${ratio.value.toPrecision(4).padStart(10)} ×  ${goalOf(ratio)}`.trimEnd())
      if (ratio.goal) goals.push(ratio.reached === true)
    }
  }
  const missed = goals.filter((reached) => !reached).length
  lines.push('', `${goals.length - missed} of ${goals.length} goals reached.`)
  return { text: lines.join('\n'), missed }
}
