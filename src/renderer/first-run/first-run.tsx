import { useEffect, useState } from 'react'
import { go } from '../lib/route.ts'
import { CreateWallet } from './create-wallet.tsx'
import { Frame } from './frame.tsx'
import { RestoreWallet } from './restore-wallet.tsx'
import { Welcome } from './welcome.tsx'

type Way = 'welcome' | 'create' | 'restore'

/** The first minutes: a new wallet, one from its words, or a look around. */
export function FirstRun({ hasWallet, onLeave }: { readonly hasWallet: boolean; readonly onLeave: () => void }) {
  const [way, setWay] = useState<Way>('welcome')
  useEffect(() => {
    if (hasWallet) go('overview')
  }, [hasWallet])
  const back = () => setWay('welcome')
  return (
    <Frame>
      {way === 'welcome' && <Welcome onCreate={() => setWay('create')} onRestore={() => setWay('restore')} onLeave={onLeave} />}
      {way === 'create' && <CreateWallet onBack={back} />}
      {way === 'restore' && <RestoreWallet onBack={back} />}
    </Frame>
  )
}
