import type { MiningStatus } from '../../api/schemas.ts'
import { counted } from '../lib/format.ts'
import { asSentence, energySentence } from '../lib/mining.ts'
import { Card } from '../ui/page.tsx'
import { SettingSlider } from '../ui/setting-slider.tsx'
import { KernelPicker } from './kernel-picker.tsx'
import { useSetting } from './use-mining.ts'

/** How much of the computer the search may take. */
export function EffortCard({ mining }: { readonly mining: MiningStatus }) {
  const { change: setThreads, ...threads } = useSetting('threads')
  const { change: setIntensity, ...intensity } = useSetting('intensity')
  return (
    <Card title="How hard it works">
      <div className="flex flex-col gap-4">
        <SettingSlider
          {...threads}
          label="Threads"
          testId="threads"
          min={1}
          max={mining.maxThreads}
          value={mining.threads}
          words={(value) => `${value} of ${mining.maxThreads}`}
          hint={threadsHint(mining)}
          onChange={setThreads}
        />
        <SettingSlider
          {...intensity}
          label="Intensity"
          testId="intensity"
          min={5}
          max={100}
          step={5}
          value={mining.intensity}
          words={(value) => `${value} %`}
          hint={
            mining.intensity === 100
              ? 'Threads work all the time. Less keeps the computer cooler and quieter.'
              : 'Threads work for that part of the time and rest for the other.'
          }
          onChange={setIntensity}
        />
        <KernelPicker mining={mining} />
        <div className="border-t border-line pt-4">
          <h3 className="font-medium">Energy, an estimate</h3>
          <p className="mt-0.5 text-ink-2 tabular-nums" data-testid="energy">
            {mining.energy ? energySentence(mining.energy) : 'Nothing can be said for this computer.'}
          </p>
          {mining.energy && <p className="mt-0.5 text-[13px] text-ink-3">{asSentence(mining.energy.basis)}</p>}
        </div>
      </div>
    </Card>
  )
}

function threadsHint({ maxThreads }: MiningStatus): string {
  if (maxThreads <= 1) return 'This computer can run one thread at a time.'
  return `This computer runs ${counted(maxThreads, 'thread')} at a time. Leave ${maxThreads > 4 ? 'one or two' : 'one'} for your other work.`
}
