import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly optional?: true
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const packages = (JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as { packages: Record<string, Locked> }).packages

describe('package-lock.json', () => {
  it('has every system’s packages, or npm ci refuses it (npm run lock completes it)', () => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    expect(wanted.length).toBeGreaterThan(0)
    const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)))
    expect(wanted.filter((name) => !locked.has(name))).toEqual([])
  })

  it('knows the checksum of everything that must be installed', () => {
    const without = Object.entries(packages).filter(([path, { integrity, optional }]) => path !== '' && integrity === undefined && optional !== true)
    expect(without.map(([path]) => path)).toEqual([])
  })
})
