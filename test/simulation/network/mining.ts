import { encodeBody, encodeHeader } from '../../../src/consensus/codec.ts'
import { smellHex } from '../../../src/consensus/hash.ts'
import type { MiningPorts } from '../../../src/mining/ports.ts'
import { templateSteps } from '../../../src/mining/template.ts'
import { fromHex } from '../../../src/util/bytes.ts'
import { silent } from '../../../src/util/ports.ts'
import { allAtOnce } from '../../../src/util/steps.ts'
import type { SimMember } from './member.ts'
import type { Observer } from './observer.ts'
import type { Dice } from './random.ts'
import { searchNonce, triesOf } from './rules.ts'
import type { VirtualClock } from './virtual-time.ts'

/**
 * Everybody's mining. When the next cheese is found is drawn from the work that the stack really asks for and the member's
 * share of the hash rate (an exponential wait, drawn anew at each tip: such waits have no memory); what is found is a real
 * cheese of the real template, whose nonce is searched for.
 */
export class Mining {
  /** Multiplies everybody's hash rate. */
  factor = 1
  readonly #clock: VirtualClock
  readonly #dice: Dice
  readonly #observer: Observer
  readonly #timers = new Map<SimMember, () => void>()
  #isOn = true

  constructor(clock: VirtualClock, dice: Dice, observer: Observer) {
    this.#clock = clock
    this.#dice = dice
    this.#observer = observer
  }

  /** A member that has just started mines from now on. `to`: what its cheeses pay. */
  join(member: SimMember, to: Uint8Array): void {
    const { session } = member
    if (!session || member.hashRate === 0) return
    session.stack.events.on('tip', () => this.#schedule(member, to))
    this.#schedule(member, to)
  }

  leave(member: SimMember): void {
    this.#timers.get(member)?.()
    this.#timers.delete(member)
  }

  /** Everybody's hash rate from now on, as a multiple of the usual one. */
  setFactor(factor: number, members: readonly { readonly member: SimMember; readonly to: Uint8Array }[]): void {
    this.factor = factor
    for (const { member, to } of members) if (this.#timers.has(member)) this.#schedule(member, to)
  }

  stop(): void {
    this.#isOn = false
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #schedule(member: SimMember, to: Uint8Array): void {
    this.#timers.get(member)?.()
    const { session } = member
    if (!session || !this.#isOn) return
    const seconds = triesOf(session.stack.requiredBits()) / (member.hashRate * this.factor)
    this.#timers.set(
      member,
      this.#clock.after(this.#dice.wait(seconds * 1000), () => void this.#found(member, to)),
    )
  }

  async #found(member: SimMember, to: Uint8Array): Promise<void> {
    const { session } = member
    if (!session || !this.#isOn) return
    // What is found below the others' tip would be for nothing: the miner rests then.
    if (!member.synced) return this.#schedule(member, to)
    const { stack, mempool } = session
    const ports: MiningPorts = {
      next: () => ({ parent: fromHex(stack.tip.smell), height: stack.tip.height + 1, bits: stack.requiredBits(), minTime: stack.medianTimePast() + 1 }),
      preview: (transfers) => stack.previewSteps({ transfers }),
      ready: () => mempool.isSettled,
      select: (maxBytes) => mempool.select(maxBytes),
      address: () => to,
      submit: async () => ({ ok: true, value: 'connected' }),
    }
    const extra = this.#dice.bytes(8)
    const template = allAtOnce(templateSteps(ports, to, extra, Math.floor(this.#clock.now() / 1000), silent))
    const header = searchNonce(template.header)
    this.#observer.made({
      smell: smellHex(header),
      height: template.height,
      at: this.#clock.exact,
      time: header.time,
      bits: header.bits,
      miner: member,
      transfers: template.body.transfers.length,
    })
    const added = await stack.addCheese(encodeHeader(header), encodeBody(template.body))
    if (!added.ok) throw new Error(`a cheese of ${member.name}'s own breaks a rule: ${added.error.message}`)
    // Where it did not become the tip, nothing else tells.
    this.#schedule(member, to)
  }
}
