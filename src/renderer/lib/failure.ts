import { ORPCError } from '@orpc/client'

const CARRIER: Readonly<Record<string, string>> = {
  BAD_REQUEST: 'Something in the form does not fit. Check what you typed and try again.',
  UNAUTHORIZED: 'This window is not signed in to the member. Open a fresh link to it.',
  TOO_MANY_REQUESTS: 'That was asked too often. Wait a moment and try again.',
  INTERNAL_SERVER_ERROR: 'The member ran into a fault of its own. Try again; if it stays, its log says more.',
}

/** What went wrong with a call, as a sentence for people. A `Failure` of the member brings its own. */
export function sentence(error: unknown): string {
  if (error instanceof ORPCError) return CARRIER[error.code as string] ?? error.message
  return 'The member did not answer: the connection to it was lost. It is being tried again; then repeat what you did.'
}

/** The code of a member's `Failure`, or undefined when the call failed some other way. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof ORPCError ? (error.code as string) : undefined
}
