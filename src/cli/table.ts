import { styleText } from 'node:util'
import { formatCheese } from '../util/amount.ts'

export interface Column {
  readonly title: string
  readonly align?: 'right'
}

/** What a terminal would obey rather than show: peers choose nicknames and memos. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/** Cells of terminal width that `text` takes; wide East Asian characters and emoji take two. */
function width(text: string): number {
  let cells = 0
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue
    cells += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1
  }
  return cells
}

function pad(text: string, cells: number, align: 'right' | undefined): string {
  const room = ' '.repeat(Math.max(0, cells - width(text)))
  return align === 'right' ? room + text : text + room
}

/** A table for people: titles, then a line a row, columns lined up. `empty` is said instead when there are no rows. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], empty: string, styled: boolean): string {
  if (rows.length === 0) return `${empty}\n`
  const cells = rows.map((row) => row.map(plain))
  const widths = columns.map(({ title }, i) => Math.max(width(title), ...cells.map((row) => width(row[i] ?? ''))))
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? '', widths[i] ?? 0, align))
      .join('  ')
      .trimEnd()
  const head = line(columns.map(({ title }) => title))
  return `${[styled ? styleText('bold', head) : head, ...cells.map(line)].join('\n')}\n`
}

/** Names and values, one a line, values lined up; those without a value are left out. */
export function listing(pairs: readonly (readonly [name: string, value: string | null | undefined])[], styled: boolean): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== undefined && pair[1] !== '')
  const widest = Math.max(0, ...shown.map(([name]) => width(name)))
  return shown.map(([name, value]) => `${styled ? styleText('dim', pad(name, widest, undefined)) : pad(name, widest, undefined)}  ${plain(value)}\n`).join('')
}

/** `1 peer`, `2 peers`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Crumbs as decimal cheese. */
export function cheese(crumbs: string): string {
  return formatCheese(BigInt(crumbs))
}

/** A Unix time in the machine's own time zone: `2026-11-22 14:05:09`. */
export function time(seconds: number): string {
  const date = new Date(seconds * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** The start of a smell or id, enough to tell it from others by eye. */
export function short(hex: string): string {
  return hex.length > 16 ? `${hex.slice(0, 16)}…` : hex
}

/** `512 B`, `3.4 kB`, `12.0 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`
}

/** Tries a second, as people read them: `950 H/s`, `6.5 MH/s`. */
export function rate(perSecond: number): string {
  const units = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s']
  const unit = perSecond < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(perSecond) / 3))
  return `${(perSecond / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`
}

/** A duration in the unit that people would say it in: `42 seconds`, `3 hours`. */
export function span(seconds: number): string {
  const units = [
    ['year', 31_557_600],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const
  const [unit, size] = units.find(([, least]) => seconds >= 2 * least) ?? (['second', 1] as const)
  return counted(Math.max(1, Math.round(seconds / size)), unit)
}
