import { type FormEvent, useState } from 'react'
import type { NetworkChange, NetworkChoices } from '../../api/schemas-network.ts'
import { useAction, useLive } from '../live.ts'
import { networkChoices } from '../queries.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Disclosure } from '../ui/disclosure.tsx'
import { Field } from '../ui/field.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'

/** What the person chose about the network: the router, the local network, a proxy. */
export function NetworkSettings() {
  const [version, setVersion] = useState(0)
  const { data } = useLive(networkChoices(version))
  return (
    <Disclosure summary="Change how you are connected" className="mt-4 border-t border-line pt-4" testId="network-settings">
      {data && <Choices key={data.proxy ?? ''} choices={data} changed={() => setVersion((before) => before + 1)} />}
    </Disclosure>
  )
}

function Choices({ choices, changed }: { readonly choices: NetworkChoices; readonly changed: () => void }) {
  const set = async (change: NetworkChange) => {
    await api.network.set(change)
    changed()
  }
  const mapping = useAction((on: boolean) => set({ portMapping: on }))
  const lan = useAction((on: boolean) => set({ lan: on }))
  const proxy = useAction((url: string | null) => set({ proxy: url }))
  const [url, setUrl] = useState(choices.proxy ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void proxy.run(url.trim() === '' ? null : url.trim())
  }
  return (
    <div className="flex flex-col gap-4">
      <SettingSwitch
        label="Ask the router to let others in"
        hint="By PCP, NAT-PMP or UPnP, where the router speaks one of them."
        on={choices.portMapping}
        busy={mapping.busy}
        error={mapping.error}
        onChange={(on) => void mapping.run(on)}
        testId="port-mapping"
      />
      <SettingSwitch
        label="Find members in your own network"
        hint="Members on the same Wi-Fi or cable find each other without a tracker. Others there see that you run Cheese Stack."
        on={choices.lan}
        busy={lan.busy}
        error={lan.error}
        onChange={(on) => void lan.run(on)}
        testId="lan"
      />
      <form onSubmit={submit}>
        <Field
          label="SOCKS5 proxy for everything that goes out"
          mono
          testId="proxy"
          className="max-w-xl"
          placeholder="socks5://127.0.0.1:9050"
          value={url}
          error={proxy.error}
          hint="Such as Tor’s. Nobody can dial you then; sending, receiving and mining work all the same. Empty: none."
          onText={(text) => {
            proxy.clear()
            setUrl(text)
          }}
          after={
            <Button type="submit" busy={proxy.busy} disabled={url.trim() === (choices.proxy ?? '')} data-testid="proxy-set">
              {url.trim() === '' ? 'Use none' : 'Use it'}
            </Button>
          }
        />
      </form>
    </div>
  )
}
