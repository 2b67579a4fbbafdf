import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { pages } from '../api/host.ts'
import { menuTemplate } from './menu.ts'

function build(mac: boolean, packaged = true, member = true) {
  const done: string[] = []
  const actions = {
    go: (page: string, question?: string) => void done.push(question === undefined ? page : `${page} ${question}`),
    setMining: (on: boolean) => void done.push(`mining ${on}`),
    openDataFolder: () => void done.push('folder'),
    about: () => void done.push('about'),
    quit: () => void done.push('quit'),
  }
  const template = menuTemplate(actions, { appName: 'Cheese Stack', mac, packaged }, { mining: false, member })
  const items = template.flatMap((menu) => (menu.submenu as MenuItemConstructorOptions[]) ?? [])
  const click = (id: string, checked = false) => {
    const item = items.find((one) => one.id === id)
    const run = item?.click as ((item: { checked: boolean }) => void) | undefined
    expect(run, id).toBeDefined()
    run?.({ checked })
  }
  return { template, items, done, click }
}

describe('the menus', () => {
  it('host and join a tracker on its page, and mine', () => {
    const { click, done } = build(false)
    click('host-tracker')
    click('join-tracker')
    click('mining', true)
    click('quit')
    expect(done).toEqual(['tracker host-tracker', 'tracker join-tracker', 'mining true', 'quit'])
  })

  it('lead to every page', () => {
    const { items, done } = build(false)
    for (const item of items) if (item.id?.startsWith('go-') || item.id === 'settings') (item.click as () => void)()
    expect(done.sort()).toEqual([...pages].sort())
  })

  it('have what each system expects, once', () => {
    expect(build(true).template.map(({ label }) => label)).toEqual(['Cheese Stack', '&File', '&Edit', '&View', '&Go', '&Member', '&Help'])
    expect(build(false).template.map(({ label }) => label)).toEqual(['&File', '&Edit', '&View', '&Go', '&Member', '&Help'])
    for (const mac of [true, false]) {
      const ids = build(mac).items.flatMap(({ id }) => id ?? [])
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it('hold the developers’ tools only in a copy that is not packaged', () => {
    const tools = (packaged: boolean) => build(false, packaged).items.some(({ role }) => role === 'toggleDevTools')
    expect([tools(true), tools(false)]).toEqual([false, true])
  })

  it('offer nothing to do to a member that is not there', () => {
    const { items } = build(false, true, false)
    expect(items.filter(({ enabled }) => enabled === false).map(({ id }) => id)).toEqual(['host-tracker', 'join-tracker', 'mining'])
  })
})
