import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseFlags } from './flags.ts'

describe('the flags of the app', () => {
  it('are found among those of Chromium and Electron', () => {
    const args = [
      '--inspect=0',
      '--remote-debugging-port=0',
      '--no-sandbox',
      '.',
      '--network',
      'regtest',
      '--data-dir=x',
      '--tracker',
      'http://a:1',
      '--tracker=http://b:2',
      '--mine',
      '--pace',
      '0.5',
      '--cache-mb=32',
      '--announce',
    ]
    expect(parseFlags(args)).toEqual({
      ok: true,
      value: {
        network: 'regtest',
        dataDir: resolve('x'),
        trackers: ['http://a:1', 'http://b:2'],
        peers: [],
        announce: true,
        pace: 0.5,
        cacheMb: 32,
        mine: true,
        agree: true,
      },
    })
  })

  it('agree to mining by themselves on regtest alone', () => {
    expect(parseFlags(['--mine'])).toMatchObject({ ok: true, value: { mine: true } })
    expect(parseFlags(['--mine'])).not.toHaveProperty('value.agree')
    expect(parseFlags(['--mine', '--agree'])).toMatchObject({ ok: true, value: { mine: true, agree: true } })
  })

  it('are main alone when none is given', () => {
    expect(parseFlags([])).toEqual({ ok: true, value: { network: 'main', trackers: [], peers: [], announce: false } })
  })

  it.each([
    [['--network', 'mainnet'], /one of main, test and regtest/],
    [['--listen', '9875'], /HOST:PORT/],
    [['--pace', '1'], /regtest alone/],
    [['--network=regtest', '--pace', 'fast'], /number of seconds/],
    [['--cache-mb=lots'], /number of megabytes/],
  ])('are refused when they mean nothing: %j', (args, message) => {
    const flags = parseFlags(args)
    expect(flags.ok ? '' : flags.error).toMatch(message)
  })
})
