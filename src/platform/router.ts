import { createSocket } from 'node:dgram'
import type { MapFailure, Mapped } from '../net/port-mapping.ts'
import { err, ok, type Result } from '../util/result.ts'
import { WireReader } from '../util/wire.ts'

/** What PCP and NAT-PMP share: where they ask, and how they notice that a router has forgotten everything. */

/** A router that may open ports. */
export interface Gateway {
  /** IP address, with its zone where it needs one (`fe80::1%eth0`). */
  readonly address: string
  /** The address of ours to ask from, where that matters: with IPv6 it is the one that others are let through to. */
  readonly from?: string
}

export interface RouterOptions {
  readonly gateways: () => Promise<readonly Gateway[]>
  /** Where routers listen: 5351. */
  readonly port: number
  /** Where routers tell everybody that they began anew: port 5350 of group 224.0.0.1 (RFC 6887, section 14.1). Nothing is listened to when left out. */
  readonly announcements?: { readonly port: number; readonly group?: string; readonly onListening?: (port: number) => void }
  readonly now: () => number
}

/** Routers' clocks: one that does not go as ours does began anew, and has forgotten what it was asked for (RFC 6887, section 8.5). */
export class Epochs {
  readonly #last = new Map<string, { readonly epoch: number; readonly at: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Notes what a router says, in seconds; whether it has begun anew since it last said so. */
  note(address: string, epoch: number): boolean {
    const before = this.#last.get(address)
    const at = this.#now() / 1000
    this.#last.set(address, { epoch, at })
    if (!before) return false
    if (epoch + 1 < before.epoch) return true
    const [ours, theirs] = [at - before.at, epoch - before.epoch]
    return ours + 2 < theirs - theirs / 16 || theirs + 2 < ours - ours / 16
  }
}

/** Asks every gateway at once: what they gave together, or why none did. */
export async function askAll(
  gateways: readonly Gateway[],
  ask: (gateway: Gateway) => Promise<Result<Mapped, MapFailure>>,
): Promise<Result<Mapped, MapFailure>> {
  const answers = await Promise.all(gateways.map(ask))
  const good = answers.flatMap((answer) => (answer.ok ? [answer.value] : []))
  if (good.length > 0) return ok({ endpoints: good.flatMap(({ endpoints }) => endpoints), lifetime: Math.min(...good.map(({ lifetime }) => lifetime)) })
  const failures = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]))
  return err(failures.find(({ code }) => code === 'refused') ?? failures[0] ?? { code: 'silent', message: 'This computer knows of no router.' })
}

/** Calls `lost` when a router announces that it began anew: by PCP (ANNOUNCE) or NAT-PMP (its external address, unasked). */
export function watchRouter({ announcements, gateways }: RouterOptions, epochs: Epochs, lost: () => void): () => void {
  if (!announcements) return () => undefined
  const { port, group, onListening } = announcements
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('error', () => undefined)
  socket.on('message', (bytes, { address }) => {
    const epoch = announcedEpoch(bytes)
    if (epoch === undefined) return
    void gateways().then((known) => {
      if (known.some((gateway) => gateway.address === address) && epochs.note(address, epoch)) lost()
    })
  })
  socket.bind(port, () => {
    try {
      if (group !== undefined) socket.addMembership(group)
    } catch {
      // Without a network there is no group; what the router answers tells the same, later.
    }
    onListening?.(socket.address().port)
  })
  socket.unref()
  return () => {
    try {
      socket.close()
    } catch {
      // It was closed by an error.
    }
  }
}

/** The epoch in an announcement of a router; undefined for anything else. */
function announcedEpoch(bytes: Uint8Array): number | undefined {
  const input = new WireReader(bytes)
  const [version, opcode] = [input.u8(), input.u8()]
  if (version === 2 && opcode === 0x80) input.bytes(6)
  else if (version === 0 && opcode === 0x80) input.bytes(2)
  else return undefined
  const epoch = input.u32()
  return input.failed ? undefined : epoch
}
