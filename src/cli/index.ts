#!/usr/bin/env node
import { layoutFrom } from '../server/layout.ts'
import { run } from './run.ts'
import { systemIo } from './system-io.ts'

// A reader that has enough, such as `cheese stack | head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const code = await run(process.argv.slice(2), systemIo(), layoutFrom(import.meta.url))
// What was said is through before the process ends; nothing that still idles (a kept-alive connection) holds it up.
process.stdout.write('', () => process.exit(code))
