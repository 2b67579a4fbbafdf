import { Failure } from '../api/errors.ts'
import type { Member, MemberOptions } from '../member/member.ts'
import type { Layout } from './layout.ts'

/** Where members are expected to listen (design: TCP 9875): IPv6 and IPv4, or IPv4 alone where this machine knows no other. */
export const DEFAULT_LISTEN = '[::]:9875'

export type HostOptions = Omit<MemberOptions, 'listen' | 'listenAsked' | 'workers' | 'nativeAddon' | 'version'> & {
  /** `HOST:PORT`; when left out the usual port, or a free one where another member has that. */
  readonly listen?: string
}

/** Opens a member as both hosts (window and command line) do. Throws what `Member.open` throws. */
export async function openMember(options: HostOptions, layout: Layout): Promise<Member> {
  const { Member } = await import('../member/member.ts')
  const { workers, nativeAddon, version } = layout
  const { listen, ...rest } = options
  const shared = { ...rest, workers, nativeAddon, version }
  if (listen !== undefined) return Member.open({ ...shared, listen, listenAsked: true })
  try {
    return await Member.open({ ...shared, listen: DEFAULT_LISTEN })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'PORT_IN_USE') throw error
    return Member.open({ ...shared, listen: '[::]:0' })
  }
}
