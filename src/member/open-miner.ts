import { encodeBody, encodeHeader } from '../consensus/codec.ts'
import { isKernelName } from '../mining/kernel.ts'
import { Miner } from '../mining/miner.ts'
import type { MiningPorts } from '../mining/ports.ts'
import { Yielder } from '../mining/yielder.ts'
import { systemClock } from '../platform/clock.ts'
import { systemFiles } from '../platform/files.ts'
import { nodeMachine } from '../platform/machine.ts'
import { openMinePool } from '../platform/mine-pool.ts'
import { systemRandom } from '../platform/random.ts'
import { fromHex } from '../util/bytes.ts'
import type { Closers } from './closers.ts'
import { MiningRecords } from './mining-records.ts'
import type { MemberOptions } from './options.ts'
import type { Parts } from './parts.ts'
import type { Problems } from './problems.ts'

/** How long a mining kernel is measured on regtest. */
const REGTEST_MEASURE_MS = 5

type Below = Pick<Parts, 'stack' | 'mempool' | 'wallet' | 'params' | 'settings' | 'folder'>

/** What the miner needs of the parts below it. To be called before anybody else listens to the stack's tip but the mempool. */
function miningPorts({ stack, mempool, wallet }: Below, problems: Problems): MiningPorts {
  let told = stack.tip.smell
  stack.events.on('tip', ({ tip }) => {
    told = tip.smell
  })
  return {
    next: () => ({ parent: fromHex(stack.tip.smell), height: stack.tip.height + 1, bits: stack.requiredBits(), minTime: stack.medianTimePast() + 1 }),
    preview: (transfers) => stack.previewSteps({ transfers }),
    // While the stack moves, its tip is ahead of what the mempool has heard of.
    ready: () => stack.tip.smell === told && mempool.isSettled,
    select: (maxBytes) => mempool.select(maxBytes),
    address: () => wallet.address,
    async submit({ header, body }) {
      const added = await problems.watchDisk(() => stack.addCheese(encodeHeader(header), encodeBody(body)))
      return added.ok ? { ok: true, value: added.value.outcome } : added
    },
  }
}

/** Opens the miner as the person set it, with what is remembered of earlier runs. It is off. */
export async function openMiner(
  options: MemberOptions,
  below: Below,
  problems: Problems,
  closers: Closers,
): Promise<Pick<Parts, 'miner' | 'yielder' | 'records'>> {
  const { stack, wallet, params, settings, folder } = below
  const log = options.log.child('miner')
  const onRegtest = params.network === 'regtest'
  const records = await MiningRecords.open({ files: systemFiles, path: folder.mining, stack, clock: systemClock, log, address: () => wallet.address })
  closers.add('what is remembered of mining', () => records.save())
  const pool = openMinePool({
    workerUrl: options.workers.mine,
    nativeAddon: options.nativeAddon,
    version: options.version,
    remember: { files: systemFiles, path: folder.kernels },
    log,
    // Its cheese takes some 256 tries, so that it does not matter much which kernel is taken.
    measureAtOnce: !onRegtest,
    ...(onRegtest ? { measureMs: REGTEST_MEASURE_MS } : {}),
  })
  const { intensity, kernel } = settings.values
  const threads = typeof options.mine === 'number' ? options.mine : settings.values.threads
  const miner = new Miner({
    params,
    pool,
    clock: systemClock,
    random: systemRandom,
    log,
    ...(threads === null ? {} : { threads }),
    ...(records.luck === undefined ? {} : { luck: records.luck }),
    paceSeconds: options.paceSeconds ?? 1,
    ports: miningPorts(below, problems),
  })
  closers.add('the miner', () => miner.close())
  miner.setIntensity(intensity)
  if (isKernelName(kernel)) miner.setKernel(kernel)
  records.watch(() => miner.luck)
  stack.events.on('tip', ({ connected, disconnected }) => {
    if (disconnected.length > 0) records.own.handleReorg()
    for (const { entry } of connected) records.handleConnected(entry.smell)
  })
  miner.events.on('late', ({ smell }) => records.note(smell))
  miner.events.on('tried', () => records.handleTries())
  const yielder = new Yielder({
    miner,
    machine: options.machine ?? nodeMachine(),
    clock: systemClock,
    log,
    choices: () => ({ ...settings.values, threads: miner.status().threads }),
  })
  closers.add('what the miner yields to', () => yielder.close())
  return { miner, yielder, records }
}
