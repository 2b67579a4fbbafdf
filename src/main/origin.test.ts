import { describe, expect, it } from 'vitest'
import { externalLink, isOwn, PAGE } from './origin.ts'

describe('whose address it is', () => {
  it('knows our own page', () => {
    expect([PAGE, 'cheese-app://app/assets/a.js', 'cheese-app://app/index.html#/send', 'cheese-app://app'].map(isOwn)).toEqual([true, true, true, true])
  })

  it.each([
    'cheese-app://app.evil.example/index.html',
    'cheese-app://evil/index.html',
    'cheese-app://app:80/index.html',
    'cheese-app://app@evil/index.html',
    'cheese-app://evil@app/index.html',
    'cheese-app:app/index.html',
    'https://app/index.html?cheese-app://app/',
    'file:///cheese-app://app/index.html',
    'about:blank',
    '',
  ])('does not take %s for it', (url) => {
    expect(isOwn(url)).toBe(false)
  })

  it('lets https links out', () => {
    expect(externalLink('https://cheese.example/a?b#c')?.host).toBe('cheese.example')
  })

  it.each([
    'http://cheese.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'smb://host/share',
    'mailto:a@b.example',
    'https://user:pass@cheese.example/',
    'https:',
    'cheese.example',
  ])('lets %s not out', (url) => {
    expect(externalLink(url)).toBeUndefined()
  })
})
