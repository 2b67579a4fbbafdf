import { expect, it } from 'vitest'
import { formatEndpoint, parseEndpoint, parseIp } from '../util/ip.ts'
import { type OwnAddressFacts, ownAddresses, type Sighting } from './own-address.ts'

const ip = (text: string) => parseIp(text) ?? new Uint8Array()
const seen = (at: string, group: string, answers: boolean | null = true): Sighting => ({ ip: ip(at), group, answers })
const facts: OwnAddressFacts = { ports: { v4: 9875, v6: 9875 }, mapped: [], own: [], sightings: [], relaxed: false }
const told = (some: Partial<OwnAddressFacts>) => ownAddresses({ ...facts, ...some }).map(formatEndpoint)

it('one tracker alone puts no address on our card, however often it says so', () => {
  expect(told({ sightings: [seen('8.1.1.1', 'tracker'), seen('8.1.1.1', 'tracker')] })).toEqual([])
  expect(told({ sightings: [seen('8.1.1.1', 'tracker'), seen('8.2.2.2', '9.9'), seen('8.1.1.1', 'tracker')] })).toEqual([])
})

it('two that do not know each other do, when somebody was answered there', () => {
  expect(told({ sightings: [seen('8.1.1.1', 'tracker', null), seen('8.1.1.1', '9.9')] })).toEqual(['8.1.1.1:9875'])
  expect(told({ sightings: [seen('8.1.1.1', 'tracker', false), seen('8.1.1.1', '9.9', null)] })).toEqual([])
})

it('the router’s word and this machine’s own addresses need but one who was answered there', () => {
  const mapped = ['8.1.1.1:40001'].flatMap((text) => parseEndpoint(text) ?? [])
  expect(told({ mapped })).toEqual([])
  expect(told({ mapped, sightings: [seen('8.1.1.1', 'tracker')] })).toEqual(['8.1.1.1:40001'])
  expect(told({ mapped, sightings: [seen('8.7.7.7', 'tracker')] })).toEqual([])
  expect(told({ own: [ip('2001:4860::7')], sightings: [seen('2001:4860::7', 'tracker')] })).toEqual(['[2001:4860::7]:9875'])
})

it('lists both kinds of addresses, none that is not of the internet, and none while nobody can dial', () => {
  const sightings = [
    seen('8.1.1.1', 'a'),
    seen('8.1.1.1', 'b'),
    seen('2001:4860::7', 'a'),
    seen('2001:4860::7', 'c'),
    seen('10.0.0.1', 'a'),
    seen('10.0.0.1', 'b'),
  ]
  expect(told({ sightings })).toEqual(['8.1.1.1:9875', '[2001:4860::7]:9875'])
  expect(told({ sightings, ports: { v4: 40_001, v6: 9875 } })).toEqual(['8.1.1.1:40001', '[2001:4860::7]:9875'])
  expect(told({ sightings, ports: undefined })).toEqual([])
})

it('on regtest one is enough, and loopback is the world', () => {
  expect(told({ relaxed: true, sightings: [seen('127.0.0.1', 'tracker')] })).toEqual(['127.0.0.1:9875'])
})
