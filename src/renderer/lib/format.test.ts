import { describe, expect, it } from 'vitest'
import { ago, amountParts, bytes, count, counted, duration, fours, hashRate, short } from './format.ts'

describe('numbers', () => {
  it('groups counts and counts their nouns', () => {
    expect(count(1234567)).toBe('1,234,567')
    expect(counted(1, 'member')).toBe('1 member')
    expect(counted(0, 'cheese', 'cheeses')).toBe('0 cheeses')
  })

  it.each([
    [0, '0 H/s'],
    [999, '999 H/s'],
    [6_520_000, '6.52 MH/s'],
    [42_400_000, '42.4 MH/s'],
    [150_000, '150 kH/s'],
    [2e15, '2000 TH/s'],
  ])('writes a hash rate of %s', (rate, text) => {
    expect(hashRate(rate)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1400, '1.4 kB'],
    [123_456_789, '123 MB'],
  ])('writes %s bytes', (size, text) => {
    expect(bytes(size)).toBe(text)
  })
})

describe('times', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [89, '89 seconds'],
    [180, '3 minutes'],
    [5 * 3600, '5 hours'],
    [2 * 86400, '2 days'],
    [20 * 31557600, '20 years'],
  ])('writes a duration of %s s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  it('says how long ago, and takes a time slightly ahead as now', () => {
    expect(ago(1000, 1002)).toBe('just now')
    expect(ago(1003, 1000)).toBe('just now')
    expect(ago(1060, 1000)).toBe('just now')
    expect(ago(1000, 1060)).toBe('60 seconds ago')
    expect(ago(1600, 1000)).toBe('in 10 minutes')
  })
})

describe('amounts', () => {
  it('takes them apart in groups, the fraction in two, four or eight digits', () => {
    expect(amountParts('1234567890123')).toEqual({ sign: '', whole: ['12', '345'], fraction: ['6789', '0123'] })
    expect(amountParts('5000000000')).toEqual({ sign: '', whole: ['50'], fraction: ['00'] })
    expect(amountParts('6000')).toEqual({ sign: '', whole: ['0'], fraction: ['0000', '6000'] })
    expect(amountParts('12300000')).toEqual({ sign: '', whole: ['0'], fraction: ['1230'] })
    expect(amountParts('-100000000')).toEqual({ sign: '−', whole: ['1'], fraction: ['00'] })
  })

  it('loses no digit of the largest amount', () => {
    const { whole, fraction } = amountParts('18446744073709551615')
    expect(whole.join('') + fraction.join('')).toBe('18446744073709551615')
  })
})

describe('addresses and smells', () => {
  it('groups them in fours and loses nothing', () => {
    expect(fours('cheese1qxyz')).toEqual(['chee', 'se1q', 'xyz'])
  })

  it('shortens only what is long', () => {
    expect(short('short')).toBe('short')
    expect(short('0123456789abcdefghij')).toBe('0123456789…efghij')
  })
})
