import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, IconButton } from './button.tsx'

/** Copies `text`; says for a moment that it did, or that it could not. */
export function CopyButton({ text, label, wide = false }: { readonly text: string; readonly label: string; readonly wide?: boolean }) {
  const [done, setDone] = useState<'no' | 'copied' | 'failed'>('no')
  useEffect(() => {
    if (done === 'no') return
    const timer = setTimeout(() => setDone('no'), 2000)
    return () => clearTimeout(timer)
  }, [done])
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setDone('copied'),
      () => setDone('failed'),
    )
  const said = done === 'copied' ? 'Copied' : done === 'failed' ? 'Could not copy: select the text instead' : label
  return (
    <>
      {wide ? (
        <Button look="primary" icon={done === 'copied' ? Check : Copy} onClick={copy} className="min-w-40">
          {said}
        </Button>
      ) : (
        <IconButton icon={done === 'copied' ? Check : Copy} label={said} onClick={copy} />
      )}
      <span role="status" className="sr-only">
        {done === 'no' ? '' : said}
      </span>
    </>
  )
}
