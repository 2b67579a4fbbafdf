import type { ReactNode } from 'react'
import type { HostBridge } from '../../api/host.ts'
import { Notice } from '../ui/notice.tsx'
import { WheelTop } from '../ui/wheel.tsx'

function Alone({ title, children, testId }: { readonly title: string; readonly children: ReactNode; readonly testId: string }) {
  return (
    <main data-testid={testId} className="grid h-full place-items-center overflow-y-auto p-8">
      <div className="flex w-full max-w-lg flex-col gap-4">
        <WheelTop smell="cheese stack" size={72} />
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  )
}

const HELP: Readonly<Record<string, string>> = {
  DATA_IN_USE: 'Close the other Cheese Stack that uses this folder (it may be a member started from a terminal), then open this one again.',
  DATA_OTHER_NETWORK: 'Open Cheese Stack with the network that the folder belongs to, or give it another data folder.',
  DATA_NEWER: 'Open the folder with the newer Cheese Stack that wrote it; nothing was changed.',
  STORE_DAMAGED:
    'The wallet is kept apart from the stack and was not touched. Move the folder named above aside and open Cheese Stack again: it fetches the stack anew.',
  DISK_FULL: 'Make room on that disk, then open Cheese Stack again. Nothing was lost.',
  DISK_READ_ONLY: 'Make that folder writable, or choose another data folder, then open Cheese Stack again.',
  PORT_IN_USE: 'Close the program that uses that port, or give Cheese Stack another one, then open it again.',
}

/** The member could not be opened: what happened, and what to do. */
export function StartFailurePage({ failure }: { readonly failure: NonNullable<HostBridge['startFailure']> }) {
  return (
    <Alone title="Cheese Stack could not start" testId="start-failure">
      <Notice kind="error">{failure.message}</Notice>
      <p className="text-ink-2">
        {HELP[failure.code] ?? 'Close this window and open Cheese Stack again. If it happens again, its log in the data folder says more.'}
      </p>
      <p className="text-[13px] text-ink-3">
        Code <span className="mono">{failure.code}</span>
      </p>
    </Alone>
  )
}

/** In a browser without a session: how to get one. */
export function NoSessionPage() {
  return (
    <Alone title="This page needs a fresh link" testId="no-session">
      <p className="text-ink-2">
        A link to a member works once, so that nobody else on this computer can use your wallet. This one was used before, or the member has been started again
        since.
      </p>
      <p className="text-ink-2">
        Look at the terminal in which the member runs: it prints the link when it starts. Stop the member with{' '}
        <kbd className="mono rounded border border-line bg-surface px-1">Ctrl C</kbd> and start it again for a new one:
      </p>
      <pre className="mono overflow-x-auto rounded-lg border border-line bg-sunken p-4">npm start</pre>
    </Alone>
  )
}

/** Before the first word of the member. */
export function OpeningPage({ away }: { readonly away: boolean }) {
  return (
    <Alone title={away ? 'The member does not answer' : 'Opening your stack'} testId="opening">
      <p role="status" className="text-ink-2">
        {away
          ? 'It may have been stopped, or it is busy starting. This page connects by itself as soon as it answers.'
          : 'One moment: the stack is being read from disk.'}
      </p>
    </Alone>
  )
}
