import { expect, it } from 'vitest'
import { addressesOf } from './addresses.ts'

it('the addresses of a tracker say from where they work, each with its link', () => {
  const urls = ['http://8.8.8.8:9876', 'http://192.168.1.5:9876', 'http://[fd00::5]:9876', 'http://127.0.0.1:9876', 'http://tracker.example:9876']
  expect(addressesOf(urls).map(({ from }) => from)).toEqual([
    'from the internet',
    'in your own network',
    'in your own network',
    'this computer alone',
    'by its name',
  ])
  expect(addressesOf(urls).map(({ link }) => link)[2]).toBe('cheese-tracker:[fd00::5]:9876')
  expect(addressesOf(['https://t.example'])).toEqual([{ url: 'https://t.example', link: 'https://t.example', from: 'by its name' }])
})
