import { memo } from 'react'
import { wedgeOf } from '../lib/wedge.ts'

/** The avatar of an address or key: another key gives another wedge. Says nothing to screen readers; the address does. */
export const WedgeAvatar = memo(function WedgeAvatar({ of, size = 36 }: { readonly of: string; readonly size?: number }) {
  const wedge = wedgeOf(of)
  return (
    <svg viewBox="0 0 64 64" width={size} height={size} aria-hidden className="shrink-0 rounded-[28%]">
      <rect width={64} height={64} fill={wedge.plate} />
      <g transform={wedge.flip ? 'translate(64 0) scale(-1 1)' : undefined}>
        <path d="M8 33 L40 17 L56 28 Z" fill={wedge.top} />
        <path d="M40 17 L56 28 V33 L41 21.500 Z" fill={wedge.rind} />
        <path d="M8 33 L56 28 V45 L8 50 Z" fill={wedge.face} />
        <path d="M56 28 V45 L52.500 45.400 V28.400 Z" fill={wedge.rind} />
        {wedge.holes.map((hole) => (
          <ellipse key={`${hole.x} ${hole.y}`} cx={9 + hole.x * 42} cy={33 - hole.x * 4.4 + hole.y * 17} rx={hole.r * 30} ry={hole.r * 25} fill={wedge.hole} />
        ))}
      </g>
    </svg>
  )
})
