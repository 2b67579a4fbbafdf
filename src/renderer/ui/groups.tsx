import { Fragment } from 'react'
import { fours } from '../lib/format.ts'
import { cx } from './classes.ts'

/** Digits in groups set apart by a thin space that is not copied along. */
export function Groups({ of }: { readonly of: readonly string[] }) {
  return of.map((group, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
    <span key={i} className={cx(i > 0 && 'ml-[0.2em]')}>
      {group}
    </span>
  ))
}

/** An address in groups of four, as people read it to each other. Copied, it comes without the gaps. */
export function Fours({ text, className }: { readonly text: string; readonly className?: string }) {
  return (
    <span className={cx('mono', className)}>
      {fours(text).map((group, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
        <Fragment key={i}>
          <span className="mx-[0.25em]">{group}</span>
          <wbr />
        </Fragment>
      ))}
    </span>
  )
}
