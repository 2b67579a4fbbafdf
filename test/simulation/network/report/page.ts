import type { Outcome, Table } from '../outcome.ts'

/** A scenario's page in Markdown. */
export function page(outcome: Outcome): string {
  const { title, about, wanted, tables, charts, invariants, seconds, scenario } = outcome
  const command = `npm run simulate -- scenario=${scenario} members=${wanted.members} seed=${wanted.seed}${wanted.hours === undefined ? '' : ` hours=${wanted.hours}`}`
  return [
    `# ${title}`,
    '',
    about,
    '',
    `\`${command}\` made this page: ${wanted.members} members, ${Math.round(seconds / 60)} virtual minutes. [What is simulated, and how](README.md).`,
    '',
    ...tables.flatMap((table) => [markdownTable(table), '']),
    ...charts.flatMap(({ file }) => [`![${file.replace('.svg', '').replaceAll('-', ' ')}](${file})`, '']),
    '## What must hold',
    '',
    ...invariants.map(({ name, holds, detail }) => `- ${holds ? 'holds' : '**does not hold**'}: ${name} (${detail})`),
    '',
  ].join('\n')
}

/** A table with its title. */
export function markdownTable({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [`**${title}**`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
