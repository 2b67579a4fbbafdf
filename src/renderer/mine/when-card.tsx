import type { MiningStatus } from '../../api/schemas.ts'
import { counted } from '../lib/format.ts'
import { Card } from '../ui/page.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { Working } from '../ui/working.tsx'
import { askConsent, useSetting } from './use-mining.ts'

const MINUTES = [1, 2, 5, 10, 15, 30, 60]

/** When the search may run. */
export function WhenCard({ mining }: { readonly mining: MiningStatus }) {
  const { change: setBattery, ...battery } = useSetting('mineOnBattery')
  const { change: setIdle, ...idle } = useSetting('onlyWhenIdle')
  const { change: setAuto, ...auto } = useSetting('autoStart')
  return (
    <Card title="When it works">
      <div className="flex flex-col gap-5">
        <SettingSwitch
          {...battery}
          label="Mine on battery"
          hint={
            mining.mineOnBattery
              ? 'It goes on without a plug. The battery is soon empty.'
              : 'On battery the search rests, and goes on when the computer is plugged in.'
          }
          on={mining.mineOnBattery}
          onChange={setBattery}
          testId="mine-on-battery"
        />
        <SettingSwitch
          {...idle}
          label="Only when nobody uses the computer"
          hint={idleHint(mining)}
          on={mining.onlyWhenIdle}
          onChange={setIdle}
          testId="only-when-idle"
        >
          {mining.onlyWhenIdle && <IdleMinutes minutes={mining.idleMinutes} />}
        </SettingSwitch>
        <SettingSwitch
          {...auto}
          label="Start by itself"
          hint="Begins to mine when Cheese Stack has started and your stack is in sync."
          on={mining.autoStart}
          onChange={(on) => (on && !mining.consented ? askConsent({ autoStart: true }) : setAuto(on))}
          testId="auto-start"
        />
      </div>
    </Card>
  )
}

function idleHint({ onlyWhenIdle, knowsIdle, idleMinutes }: MiningStatus): string {
  if (onlyWhenIdle) return `Rests at the first key or mouse move, and goes on ${counted(idleMinutes, 'minute')} after the last.`
  return knowsIdle ? 'Now it also mines while you work.' : 'Now it also mines while you work. Here nothing tells whether you do: the desktop app can.'
}

function IdleMinutes({ minutes }: { readonly minutes: number }) {
  const { change, busy, error } = useSetting('idleMinutes')
  const choices = MINUTES.includes(minutes) ? MINUTES : [...MINUTES, minutes].sort((a, b) => a - b)
  return (
    <label className="mt-2 flex flex-wrap items-center gap-2 text-[13px] text-ink-2">
      Away for
      <select
        value={minutes}
        onChange={(event) => change(Number(event.target.value))}
        data-testid="idle-minutes"
        className="h-8 rounded-lg border border-edge bg-surface px-2 text-ink"
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {counted(choice, 'minute')}
          </option>
        ))}
      </select>
      <Working show={busy} />
      {error && (
        <span role="alert" className="text-bad">
          {error}
        </span>
      )}
    </label>
  )
}
