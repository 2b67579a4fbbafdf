import { CircleStop, RadioTower } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { HostedTracker } from '../../api/schemas.ts'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { CheckBox } from '../ui/check-box.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { portError } from './port.ts'
import { RegisteredTable } from './registered-table.tsx'
import { SelfTestLine } from './self-test.tsx'
import { Share } from './share.tsx'

/** Hosting a tracker: off with its port, or on with how friends get there and who is registered. */
export function HostCard({ hosting }: { readonly hosting: HostedTracker | null }) {
  return hosting ? (
    <Hosted tracker={hosting} />
  ) : (
    <Card title="Host a tracker" id="tracker-host">
      <HostForm />
    </Card>
  )
}

function HostForm() {
  const [port, setPort] = useState('9876')
  const [local, setLocal] = useState(false)
  const [startWithApp, setStartWithApp] = useState(true)
  const action = useAction(() => api.tracker.host({ listen: `${local ? '127.0.0.1' : '[::]'}:${Number(port)}`, startWithApp }))
  const wrong = portError(port)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!wrong) void action.run()
  }
  return (
    <form onSubmit={submit}>
      <p className="mb-4 max-w-2xl text-ink-2">
        Your computer becomes the place where friends find each other, for as long as Cheese Stack is open. You get a link and a QR code to give to them, and
        are told whether they can reach you.
      </p>
      <Field
        label="Port"
        mono
        inputMode="numeric"
        testId="tracker-host-port"
        className="max-w-md"
        value={port}
        error={wrong ?? action.error}
        hint="TCP; 9876 is the usual one. 0 picks one that is free."
        onText={(text) => {
          action.clear()
          setPort(text)
        }}
        after={
          <Button type="submit" icon={RadioTower} busy={action.busy} disabled={wrong !== undefined} data-testid="tracker-host-start">
            Start hosting
          </Button>
        }
      />
      <div className="mt-3 flex flex-col gap-2">
        <CheckBox checked={startWithApp} onChange={setStartWithApp} testId="tracker-host-again">
          Host it again whenever Cheese Stack opens
        </CheckBox>
        <CheckBox checked={local} onChange={setLocal} testId="tracker-host-local">
          For this computer alone, to try things out
        </CheckBox>
      </div>
    </form>
  )
}

function Hosted({ tracker }: { readonly tracker: HostedTracker }) {
  const stop = useAction(() => api.tracker.unhost())
  const again = useAction((startWithApp: boolean) => api.tracker.set({ startWithApp }))
  return (
    <Card
      title="Your tracker"
      id="tracker-host"
      action={
        <Button size="small" icon={CircleStop} busy={stop.busy} onClick={() => void stop.run()} data-testid="tracker-host-stop">
          Stop hosting
        </Button>
      }
    >
      <div className="flex flex-col gap-6">
        {stop.error && <Notice kind="error">{stop.error}</Notice>}
        <p className="-mt-3 text-ink-2">
          Listening on TCP port <span className="mono text-[13px]">{tracker.port}</span>
          {/^(\[::\]|0\.0\.0\.0):/.test(tracker.listen) ? '' : ` of ${tracker.listen.slice(0, tracker.listen.lastIndexOf(':'))} alone`}.
        </p>
        <SelfTestLine selfTest={tracker.selfTest} />
        <Share tracker={tracker} />
        <SettingSwitch
          label="Host it again whenever Cheese Stack opens"
          hint="On the same port. Off: it ends with this session."
          on={tracker.startWithApp}
          busy={again.busy}
          error={again.error}
          onChange={(on) => void again.run(on)}
          testId="tracker-start-with-app"
        />
        <RegisteredTable tracker={tracker} />
      </div>
    </Card>
  )
}
