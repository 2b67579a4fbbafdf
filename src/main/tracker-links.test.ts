import { describe, expect, it } from 'vitest'
import { linkAmong, registerTrackerScheme, TrackerLinks } from './tracker-links.ts'

const LINK = 'cheese-tracker:192.0.2.7:9876'

function host(answer: () => Promise<boolean>, join: () => Promise<void> = async () => undefined) {
  const done: string[] = []
  return {
    done,
    ask: async (place: string) => {
      done.push(`ask ${place}`)
      return answer()
    },
    join: async (url: string) => {
      done.push(`join ${url}`)
      await join()
    },
    show: () => void done.push('show'),
    tell: async (message: string, detail: string) => void done.push(`tell ${message} ${detail}`),
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('links to trackers', () => {
  it('join nothing before the person has said yes', async () => {
    const no = host(async () => false)
    const links = new TrackerLinks()
    await links.ready(no)
    links.open(LINK)
    await settle()
    expect(no.done).toEqual(['ask 192.0.2.7:9876'])
    const yes = host(async () => true)
    await links.ready(yes)
    links.open(LINK)
    await settle()
    expect(yes.done).toEqual(['ask 192.0.2.7:9876', 'join http://192.0.2.7:9876', 'show'])
  })

  it('wait for the window, one of them', async () => {
    const links = new TrackerLinks()
    links.open(LINK)
    links.open('cheese-tracker:198.51.100.1:9876')
    const later = host(async () => true)
    await links.ready(later)
    expect(later.done).toEqual(['ask 192.0.2.7:9876', 'join http://192.0.2.7:9876', 'show'])
  })

  it('that come by the thousand ask once', async () => {
    let decide: (yes: boolean) => void = () => undefined
    const asked = host(() => new Promise((resolve) => (decide = resolve)))
    const links = new TrackerLinks()
    await links.ready(asked)
    for (let i = 0; i < 1000; i++) links.open(`cheese-tracker:192.0.2.${i % 250}:9876`)
    await settle()
    expect(asked.done).toHaveLength(1)
    decide(false)
    await settle()
    links.open(LINK)
    await settle()
    expect(asked.done).toHaveLength(2)
  })

  it.each(['cheese-tracker:javascript:1', 'cheese-tracker://192.0.2.7:9876', `cheese-tracker:${'x'.repeat(10_000)}`])(
    'that are none are told, not asked about: %#',
    async (link) => {
      const told = host(async () => true)
      const links = new TrackerLinks()
      await links.ready(told)
      links.open(link)
      await settle()
      expect(told.done).toEqual([expect.stringMatching(/^tell .*not a link to a tracker/)])
      expect(told.done[0]?.length).toBeLessThan(400)
    },
  )

  it('whose tracker cannot be joined say why, and the next one is asked about again', async () => {
    const failing = host(
      async () => true,
      async () => {
        throw new Error('No room.')
      },
    )
    const links = new TrackerLinks()
    await links.ready(failing)
    for (let i = 0; i < 2; i++) {
      links.open(LINK)
      await settle()
    }
    expect(failing.done.filter((line) => line === 'tell The tracker was not joined. No room.')).toHaveLength(2)
  })

  it('are found among the flags of a second start, wherever they stand', () => {
    expect(linkAmong(['electron', '.', '--network', 'regtest', '--', LINK])).toBe(LINK)
    expect(linkAmong(['electron', '--data-dir', 'x'])).toBeUndefined()
  })

  it('come back to this very app, after flags that no link can add to', () => {
    const calls: unknown[] = []
    const app = (isPackaged: boolean) => ({
      isPackaged,
      setAsDefaultProtocolClient: (...args: unknown[]) => {
        calls.push(args)
        return true
      },
    })
    const process = { execPath: '/bin/cheese', argv: ['/bin/cheese', '/src', '--mine'] }
    registerTrackerScheme(app(true), process)
    registerTrackerScheme(app(false), process)
    expect(calls).toEqual([
      ['cheese-tracker', '/bin/cheese', ['--']],
      ['cheese-tracker', '/bin/cheese', ['/src', '--']],
    ])
  })
})
