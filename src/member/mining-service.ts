import { Failure } from '../api/errors.ts'
import { CONSENT_NEEDED } from '../api/mining-consent.ts'
import type { MiningChange, MiningStatus } from '../api/schemas.ts'
import type { MemberService } from '../api/service.ts'
import { formatAddress } from '../consensus/address.ts'
import { CHART_SECONDS } from '../mining/chart.ts'
import { energyHint } from '../mining/energy.ts'
import { isKernelName } from '../mining/kernel.ts'
import type { KernelChoice } from '../mining/pool.ts'
import { NO_ADDRESS } from '../mining/status.ts'
import { systemClock } from '../platform/clock.ts'
import { onDisk } from './disk-failure.ts'
import type { Parts } from './parts.ts'
import type { Problems } from './problems.ts'

type MiningParts = Pick<Parts, 'miner' | 'yielder' | 'params' | 'settings' | 'records' | 'stack'>

/** Own cheeses on a page when nobody says how many. */
const PAGE = 100

/** The miner as the contract shows it. */
export function miningStatus({ miner, yielder, params, settings }: Pick<MiningParts, 'miner' | 'yielder' | 'params' | 'settings'>): MiningStatus {
  const { address, luck, kernels, working: _working, ...status } = miner.status()
  const { intensity, mineOnBattery, onlyWhenIdle, idleMinutes, autoStart, consentedAt, kernel } = settings.values
  return {
    ...status,
    luck: { ...luck },
    kernels: kernels.map((one) => ({ ...one })),
    kernelChoice: kernel,
    intensity,
    mineOnBattery,
    onlyWhenIdle,
    idleMinutes,
    autoStart,
    knowsIdle: yielder.knowsIdle,
    consented: consentedAt !== null,
    energy: energyHint({ kernel: status.kernel, threads: status.threads, intensity, measured: status.resting === null ? yielder.watts : undefined }),
    address: address ? formatAddress(address, params) : null,
  }
}

/** A kernel's name as a person gave it. Until they have been measured any that exists is taken: the pool says so if it does not run here. */
function kernelChoice(name: string, { miner }: MiningParts): KernelChoice {
  const measured = miner.status().kernels.filter(({ hashRate }) => hashRate !== null)
  const known = name === 'auto' || (isKernelName(name) && (measured.length === 0 || measured.some((one) => one.name === name)))
  if (known) return name as KernelChoice
  throw new Failure(
    'BAD_INPUT',
    `No kernel “${name}” runs on this machine: choose auto or one of ${miner
      .status()
      .kernels.map((one) => one.name)
      .join(', ')}.`,
  )
}

/** Throws the `Failure` that keeps `change` from being made: before any part of it is. */
function check(change: MiningChange, parts: MiningParts): void {
  const { miner, yielder, settings } = parts
  const agreed = settings.values.consentedAt !== null || change.consent === true
  if ((change.on === true || change.autoStart === true) && !agreed) throw new Failure('CONSENT_NEEDED', CONSENT_NEEDED)
  if (change.on === true && !miner.status().address) throw new Failure('WALLET_MISSING', NO_ADDRESS.message)
  if (change.onlyWhenIdle === true && !yielder.knowsIdle)
    throw new Failure(
      'BAD_INPUT',
      'This machine cannot tell whether somebody uses it, so it cannot mine only while nobody does. The desktop app can, on most machines.',
    )
  if (change.kernel !== undefined) kernelChoice(change.kernel, parts)
}

/** Makes `change`, writes it down, and lets the miner have it. Throws `Failure`s: CONSENT_NEEDED, WALLET_MISSING, BAD_INPUT and what the disk says. */
export async function changeMining(change: MiningChange, parts: MiningParts): Promise<void> {
  check(change, parts)
  const { miner, yielder, settings } = parts
  const { on, consent, ...choices } = change
  const kept = Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined)) as typeof choices
  const consentedAt = settings.values.consentedAt ?? (consent ? Math.floor(systemClock.now() / 1000) : null)
  if (Object.keys(kept).length > 0 || consentedAt !== settings.values.consentedAt)
    await settings.change({ ...(kept as Partial<typeof settings.values>), consentedAt })
  if (choices.threads !== undefined) miner.setThreads(choices.threads)
  if (choices.intensity !== undefined) miner.setIntensity(choices.intensity)
  if (choices.kernel !== undefined) miner.setKernel(kernelChoice(choices.kernel, parts))
  if (on === true) {
    const started = await yielder.start()
    if (!started.ok) throw new Failure('WALLET_MISSING', started.error.message)
  } else if (on === false) miner.stop()
  else if (miner.status().on) await yielder.look()
}

/** What faces can ask of the miner. */
export function miningService(parts: MiningParts, problems: Problems): MemberService['mining'] {
  const { miner, stack, records, params } = parts
  return {
    status: async () => miningStatus(parts),
    set: (change) =>
      onDisk(async () => {
        await changeMining(change, parts)
        if (change.on !== undefined) problems.clear('mining')
        return miningStatus(parts)
      }),
    chart: async () => ({ everySeconds: CHART_SECONDS, points: miner.chart() }),
    own: async ({ offset = 0, limit = PAGE, state }) => ({
      ...records.own.counts(),
      cheeses: records.own.page(offset, limit, state).map((one) => ({ ...one, amount: String(one.amount), ripensAt: one.height + params.ripening })),
    }),
    async generate({ count }) {
      const made = await miner.generate(count)
      if (made.ok) return [...made.value]
      const { code, message } = made.error
      if (code === 'not-regtest') throw new Failure('NOT_REGTEST', message)
      if (code === 'no-address') throw new Failure('WALLET_MISSING', message)
      // What the miner was told in words: the disk says it in its own, with what to do.
      await onDisk(() => stack.flush())
      throw new Failure('REJECTED', message)
    },
  }
}
