import type { ReactNode } from 'react'
import { Lamps } from '../app/lamps.tsx'
import { SyncBar } from '../app/sync-bar.tsx'
import { WheelSide } from '../ui/wheel.tsx'

const ART = ['edam', 'gouda', 'appenzell', 'gruyere', 'cheddar', 'comte', 'sbrinz', 'tilsit', 'leerdam', 'emmental']

/** The page of the first run: a stack at the left with the lamps at its foot, the step at the right. */
export function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex h-full">
      <aside aria-label="Cheese Stack" className="flex w-72 shrink-0 flex-col border-r border-line bg-sunken p-3 max-[760px]:w-16 max-[760px]:px-2">
        <div aria-hidden className="relative min-h-0 flex-1 overflow-hidden max-[760px]:hidden">
          <div className="absolute inset-x-0 top-16 flex flex-col items-center">
            {ART.map((name, i) => (
              <div key={name} className="relative -mb-8.5" style={{ zIndex: ART.length - i }}>
                <WheelSide smell={name} height={56} blue={i === ART.length - 1} />
              </div>
            ))}
          </div>
        </div>
        <div className="mt-auto border-t border-line bg-sunken pt-3">
          <Lamps />
        </div>
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <SyncBar />
        <main className="flex min-h-0 flex-1 overflow-y-auto p-10 max-[760px]:p-4">
          <div className="m-auto w-full max-w-xl">{children}</div>
        </main>
      </div>
    </div>
  )
}

/** Heading of a step, with the way so far. */
export function StepTitle({
  step,
  of,
  title,
  children,
}: {
  readonly step?: number
  readonly of?: number
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <header className="mb-6">
      {step !== undefined && (
        <p className="mb-1 text-[13px] font-medium text-accent-text">
          Step {step} of {of}
        </p>
      )}
      <h1 className="text-2xl leading-8 font-semibold tracking-tight">{title}</h1>
      {children && <p className="mt-2 text-ink-2">{children}</p>}
    </header>
  )
}
