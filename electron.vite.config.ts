import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** The oldest runtime that the built code must run on: Electron 33 (Chromium 130, Node 20.18) and plain Node 20.18. */
const NODE = 'node20.18'
const CHROME = 'chrome130'

/** Each worker is an input of its own: hosts hand its URL in (src/server/layout.ts). */
const workers = {
  'workers/verify': 'src/platform/workers/verify.ts',
  'workers/mine': 'src/platform/workers/mine.ts',
  'workers/vault': 'src/platform/workers/vault.ts',
  'workers/identity': 'src/platform/workers/identity.ts',
}

const config = defineConfig({
  main: {
    build: {
      target: NODE,
      outDir: 'out/main',
      rolldownOptions: {
        input: { index: 'src/main/index.ts', cli: 'src/cli/index.ts', ...workers },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: NODE,
      outDir: 'out/preload',
      // A sandboxed preload can require nothing but electron: everything else goes into the one file.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react(), tailwindcss()],
    build: {
      target: CHROME,
      outDir: 'out/renderer',
      minify: true,
      // Inlined files would be data: URLs, which the page's CSP refuses.
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'src/renderer/index.html' },
    },
  },
})

// electron-vite takes a default export alone.
export default config
