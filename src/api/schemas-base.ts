import { z } from 'zod'

/** Bytes as lower-case hex. */
export const Hex = z.string().regex(/^([0-9a-f]{2})*$/)
