import { spawn } from 'node:child_process'

/**
 * A display for windows that nobody looks at: that of the environment, or an Xvfb of our own.
 * @returns {Promise<{ display: string, stop: () => void } | { reason: string }>}
 */
export async function openDisplay() {
  const given = process.env.DISPLAY
  if (given || process.platform !== 'linux') return { display: given ?? '', stop: () => undefined }
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  return new Promise((resolve) => {
    xvfb.on('error', () => resolve({ reason: 'there is no display and no Xvfb' }))
    xvfb.on('exit', () => resolve({ reason: 'Xvfb did not start' }))
    xvfb.stdio[3].setEncoding('utf8').once('data', (number) => resolve({ display: `:${number.trim()}`, stop: () => xvfb.kill() }))
  })
}
