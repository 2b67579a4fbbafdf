import { Monitor, Moon, Sun } from 'lucide-react'
import { ToggleGroup } from 'radix-ui'
import { setTheme, type Theme, useTheme } from '../theme.ts'
import { Card } from '../ui/page.tsx'

const THEMES: readonly { readonly theme: Theme; readonly label: string; readonly icon: typeof Sun }[] = [
  { theme: 'system', label: 'As the system', icon: Monitor },
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
]

/** Light or dark. */
export function ThemeCard() {
  const theme = useTheme()
  return (
    <Card title="Look">
      <ToggleGroup.Root
        type="single"
        value={theme}
        aria-label="Theme"
        onValueChange={(next) => next && setTheme(next as Theme)}
        className="inline-flex flex-wrap gap-1 rounded-lg bg-sunken p-1"
      >
        {THEMES.map(({ theme: value, label, icon: Icon }) => (
          <ToggleGroup.Item
            key={value}
            value={value}
            data-testid={`theme-${value}`}
            className="flex h-9 items-center gap-2 rounded-md px-4 font-medium text-ink-2 data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-card"
          >
            <Icon aria-hidden size={16} />
            {label}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
    </Card>
  )
}
