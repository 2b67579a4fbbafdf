import type { ReactNode } from 'react'

interface CheckBoxProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
  readonly testId: string
}

/** A choice in a form that takes effect with the form. */
export function CheckBox({ checked, onChange, children, testId }: CheckBoxProps) {
  return (
    <label className="flex w-fit items-center gap-2">
      <input type="checkbox" className="size-4 accent-accent" checked={checked} onChange={(event) => onChange(event.target.checked)} data-testid={testId} />
      {children}
    </label>
  )
}
