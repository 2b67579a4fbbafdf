import { memo } from 'react'
import { qrPath } from '../lib/qr.ts'

/** A QR code of `text`, always dark on light: many scanners read nothing else. `label` says what it holds. */
export const QrCode = memo(function QrCode({ text, label, size = 176 }: { readonly text: string; readonly label: string; readonly size?: number }) {
  const { size: modules, path } = qrPath(text)
  return (
    <svg
      role="img"
      aria-label={label}
      data-testid="qr"
      data-text={text}
      viewBox={`0 0 ${modules} ${modules}`}
      width={size}
      height={size}
      shapeRendering="crispEdges"
      className="shrink-0 rounded-lg border border-line"
    >
      <rect width={modules} height={modules} fill="var(--qr-light)" />
      <path d={path} fill="var(--qr-dark)" />
    </svg>
  )
})
