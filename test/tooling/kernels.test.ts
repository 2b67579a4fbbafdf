import { spawnSync } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-assembly-'))
  await mkdir(join(folder, 'src/platform/kernels'), { recursive: true })
  for (const part of ['scripts/lib', 'src/assembly', 'package.json']) await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
})
afterEach(() => rm(folder, { recursive: true }))

/** What a script of the copy does that needs the kernels. */
function ensure(): { readonly status: number | null; readonly stderr: string } {
  const script = `await (await import('./scripts/lib/kernels.mjs')).ensureKernels()`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' })
}

describe('the kernels in WebAssembly', () => {
  it('are compiled when they are not there, left alone when they are, and compiled anew when their source has changed', async () => {
    const made = join(folder, 'src/platform/kernels/wasm-bytes.ts')
    expect(ensure()).toMatchObject({ status: 0, stderr: expect.stringContaining('Compiling the mining kernels') })
    const first = await readFile(made, 'utf8')
    // What is compiled here is what the sources of this checkout run on.
    expect(first).toBe(await readFile(join(ROOT, 'src/platform/kernels/wasm-bytes.ts'), 'utf8'))
    const { mtimeMs } = await stat(made)
    expect(ensure()).toMatchObject({ status: 0, stderr: '' })
    expect((await stat(made)).mtimeMs).toBe(mtimeMs)
    await appendFile(join(folder, 'src/assembly/simd.ts'), 'export const more: i32 = 7\n')
    expect(ensure().status).toBe(0)
    const [stamp, , scalar, simd] = (await readFile(made, 'utf8')).split('\n')
    const [oldStamp, , oldScalar, oldSimd] = first.split('\n')
    expect([stamp === oldStamp, scalar === oldScalar, simd === oldSimd]).toEqual([false, true, false])
  }, 120_000)

  it('say what is wrong with their source, and leave what was there', async () => {
    await appendFile(join(folder, 'src/assembly/scalar.ts'), 'this is no AssemblyScript\n')
    const { status, stderr } = ensure()
    expect(status).not.toBe(0)
    expect(stderr).toContain('scalar.ts could not be compiled')
    await expect(stat(join(folder, 'src/platform/kernels/wasm-bytes.ts'))).rejects.toThrow('ENOENT')
  }, 120_000)
})
