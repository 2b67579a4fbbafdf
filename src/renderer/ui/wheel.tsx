import { memo } from 'react'
import { wheelOf } from '../lib/wheel.ts'

interface WheelProps {
  readonly smell: string
  readonly blue?: boolean
  readonly size: number
}

/** A cheese from above: rind, paste, and the holes that its smell gives it. */
export const WheelTop = memo(function WheelTop({ smell, blue = false, size }: WheelProps) {
  const wheel = wheelOf(smell, blue)
  return (
    <svg viewBox="-52 -52 104 104" width={size} height={size} aria-hidden className="shrink-0">
      <circle r={50} fill={wheel.rind} />
      <circle r={45} fill={wheel.paste} />
      <circle r={45} fill="none" stroke={wheel.pasteShade} strokeWidth={2.5} />
      {wheel.holes.map((hole) => (
        <g key={`${hole.x} ${hole.y}`} transform={`translate(${(hole.x * 44).toFixed(2)} ${(hole.y * 44).toFixed(2)})`}>
          <circle r={hole.r * 44} fill={wheel.pasteShade} />
          <circle r={hole.r * 44 * 0.88} cx={-hole.r * 3} cy={-hole.r * 4} fill={wheel.hole} />
        </g>
      ))}
    </svg>
  )
})

const WIDTH = 180
const RY = 17

interface SideProps {
  readonly smell: string
  readonly blue?: boolean
  /** Height of the side, and the distance of one wheel to the next on the stack, px. */
  readonly height: number
}

/** Size of a drawn side, px: `top` is how far its upper rim stands above its place. */
export const sideWidth = WIDTH
export const sideTop = RY

/** A cheese from the side, as it lies on the stack: its lower rim covers the top of the one below. */
export const WheelSide = memo(function WheelSide({ smell, blue = false, height }: SideProps) {
  const wheel = wheelOf(smell, blue)
  const rx = (WIDTH / 2 - 6) * wheel.width
  const cx = WIDTH / 2 + wheel.lean * 4
  const side = (theta: number) => ({ x: cx + rx * Math.sin(theta), y: RY * Math.cos(theta) })
  const body = `M${cx - rx} ${RY} V${RY + height} A${rx} ${RY} 0 0 0 ${cx + rx} ${RY + height} V${RY} Z`
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height + 2 * RY}`} width={WIDTH} height={height + 2 * RY} aria-hidden className="block">
      <path d={body} fill={wheel.paste} />
      <path
        d={`M${cx - rx} ${RY + height - 7} v7 A${rx} ${RY} 0 0 0 ${cx + rx} ${RY + height} v-7 A${rx} ${RY} 0 0 1 ${cx - rx} ${RY + height - 7} Z`}
        fill={wheel.rind}
      />
      {wheel.side.map((hole) => {
        const at = side(hole.angle)
        const r = hole.r * height * 0.8
        const y = at.y + RY + 2 + hole.height * (height - 14)
        return <ellipse key={`${hole.angle} ${hole.height}`} cx={at.x} cy={y} rx={Math.max(1, r * Math.cos(hole.angle))} ry={r} fill={wheel.hole} />
      })}
      <ellipse cx={cx} cy={RY} rx={rx} ry={RY} fill={wheel.rind} />
      <ellipse cx={cx} cy={RY} rx={rx - 5} ry={RY - 3} fill={wheel.paste} />
      {wheel.holes.slice(0, 7).map((hole) => (
        <ellipse
          key={`${hole.x} ${hole.y}`}
          cx={cx + hole.x * (rx - 12)}
          cy={RY + hole.y * (RY - 5)}
          rx={hole.r * (rx - 8)}
          ry={hole.r * (RY - 3)}
          fill={wheel.hole}
          opacity={0.8}
        />
      ))}
      <path d={body} fill="none" stroke={wheel.pasteShade} strokeWidth={1} />
    </svg>
  )
})
