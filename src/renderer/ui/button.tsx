import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { cx } from './classes.ts'

type Look = 'primary' | 'plain' | 'ghost' | 'danger'

const LOOKS: Readonly<Record<Look, string>> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover font-semibold',
  plain: 'bg-surface text-ink border border-edge hover:bg-sunken font-medium',
  ghost: 'text-ink-2 hover:bg-sunken hover:text-ink font-medium',
  danger: 'bg-surface text-bad border border-bad hover:bg-sunken font-medium',
}

export const buttonClass = (look: Look, size: 'small' | 'normal' | 'large' = 'normal') =>
  cx(
    'relative inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-lg transition-colors select-none',
    'disabled:opacity-50 aria-disabled:opacity-50',
    size === 'small' ? 'h-8 px-3 text-[13px]' : size === 'large' ? 'h-12 px-6 text-base' : 'h-10 px-4',
    LOOKS[look],
  )

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look
  readonly size?: 'small' | 'normal' | 'large'
  readonly icon?: LucideIcon
  /** Shows that its action runs; clicks do nothing meanwhile. */
  readonly busy?: boolean
  readonly children: ReactNode
}

/** A button. Its size stays the same while its action runs. */
export function Button({ look = 'plain', size = 'normal', icon: Icon, busy = false, children, className, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(buttonClass(look, size), className)}
      aria-busy={busy}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      <span className={cx('inline-flex items-center gap-2', busy && 'invisible')}>
        {Icon && <Icon aria-hidden size={size === 'small' ? 14 : 16} />}
        {children}
      </span>
      {busy && (
        <span className="absolute inset-0 grid place-items-center">
          <LoaderCircle aria-label="Working" className="animate-spin" size={18} />
        </span>
      )}
    </button>
  )
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon
  /** What it does; its accessible name and its tooltip. */
  readonly label: string
}

/** A small button that is only an icon. */
export function IconButton({ icon: Icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx('inline-grid size-8 shrink-0 place-items-center rounded-lg text-ink-2 hover:bg-sunken hover:text-ink', className)}
      {...rest}
    >
      <Icon aria-hidden size={16} />
    </button>
  )
}
