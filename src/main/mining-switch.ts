import { Failure } from '../api/errors.ts'
import type { MemberService } from '../api/service.ts'

export interface MiningSwitchHost {
  readonly set: MemberService['mining']['set']
  /** Leads the person to where the page asks whether this machine may mine. */
  readonly ask: () => void
  /** Tells the person what went wrong. */
  readonly tell: (message: string, detail: string) => void
  /** Has the menu show whether mining is on. */
  readonly show: (on: boolean) => void
}

/** Mining on or off from the menu. Where the person has not agreed to it yet the page asks, in the words that it always asks in. */
export async function switchMining(on: boolean, { set, ask, tell, show }: MiningSwitchHost): Promise<void> {
  try {
    show((await set({ on })).on)
  } catch (error) {
    show(!on)
    if (error instanceof Failure && error.code === 'CONSENT_NEEDED') ask()
    else tell(on ? 'Mining did not start.' : 'Mining did not stop.', error instanceof Error ? error.message : String(error))
  }
}
