import { useApp } from '../store.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Fours } from '../ui/groups.tsx'
import { NoWallet } from '../ui/no-wallet.tsx'
import { Card, Page } from '../ui/page.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** The own address, to be read out or copied. */
export function ReceivePage() {
  const address = useApp((state) => state.status?.address)
  const nickname = useApp((state) => state.status?.nickname)
  return (
    <Page title="Receive" about="Give this address to whoever should send you cheese." narrow>
      <Card>
        {address ? (
          <div className="flex flex-col items-center gap-6 py-4 text-center">
            <WedgeAvatar of={address} size={96} />
            <div>
              <p className="mb-3 font-medium">{nickname ? `${nickname}, this is your address` : 'Your address'}</p>
              <p data-testid="own-address" data-address={address} className="max-w-lg text-lg leading-8">
                <Fours text={address} />
              </p>
            </div>
            <CopyButton text={address} label="Copy address" wide />
          </div>
        ) : (
          <NoWallet to="receive cheese" />
        )}
      </Card>
      {address && (
        <p className="text-ink-2">
          Members who are online see you in their list as <strong>{nickname}</strong> and need no address at all. The wedge is drawn from the address: it looks
          the same on their screen as on yours. Every payment to this address is public on the cheese stack.
        </p>
      )}
    </Page>
  )
}
