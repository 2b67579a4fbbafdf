/** What is wrong with `text` as a TCP port, or undefined when it is one. */
export function portError(text: string): string | undefined {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) <= 65535 ? undefined : 'A port is a whole number from 0 to 65535.'
}
