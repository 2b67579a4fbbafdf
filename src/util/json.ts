/** Whether something that was read from JSON has fields (an array counts too). */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
