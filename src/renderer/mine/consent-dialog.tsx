import { Pickaxe } from 'lucide-react'
import { miningConsent } from '../../api/mining-consent.ts'
import type { MiningChange, MiningStatus } from '../../api/schemas.ts'
import { useAction } from '../live.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { agreeAndMine, endConsent, useAskingConsent, useMining } from './use-mining.ts'

/** Asked once, before this computer mines for the first time: what that does to it. Stands over every page. */
export function ConsentDialog() {
  const asking = useAskingConsent()
  const mining = useMining()
  return asking && mining ? <Asking mining={mining} also={asking} /> : null
}

function Asking({ mining, also }: { readonly mining: MiningStatus; readonly also: MiningChange }) {
  const { title, points, question } = miningConsent(mining)
  const agree = useAction(async () => {
    await agreeAndMine(also)
    endConsent()
  })
  return (
    <Dialog title={title} onClose={endConsent} describedBy="consent-text">
      <div id="consent-text" data-testid="consent-text">
        <ul className="flex list-disc flex-col gap-2 pl-5 text-ink-2 marker:text-accent-text">
          {points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <p className="mt-4 font-medium">{question}</p>
      </div>
      {agree.error && (
        <p role="alert" className="mt-3 text-[13px] text-bad">
          {agree.error}
        </p>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        {/* First in line, so that the focus begins at the answer that changes nothing. */}
        <Button onClick={endConsent} data-testid="consent-no">
          Not now
        </Button>
        <Button look="primary" icon={Pickaxe} busy={agree.busy} onClick={() => void agree.run()} data-testid="consent-yes">
          Mine cheese
        </Button>
      </div>
    </Dialog>
  )
}
