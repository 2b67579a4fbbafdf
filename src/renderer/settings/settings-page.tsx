import { useApp } from '../store.ts'
import { Page } from '../ui/page.tsx'
import { AboutCard } from './about-card.tsx'
import { LockCard } from './lock-card.tsx'
import { NicknameCard } from './nickname-card.tsx'
import { ThemeCard } from './theme-card.tsx'
import { WordsCard } from './words-card.tsx'

/** Settings of the window and the wallet, and what this member is. */
export function SettingsPage() {
  const status = useApp((state) => state.status)
  if (!status) return null
  return (
    <Page title="Settings" narrow>
      <ThemeCard />
      {status.wallet !== 'none' && (
        <>
          <NicknameCard nickname={status.nickname} locked={status.wallet === 'locked'} />
          <LockCard locked={status.wallet === 'locked'} />
          <WordsCard />
        </>
      )}
      <AboutCard status={status} />
    </Page>
  )
}
