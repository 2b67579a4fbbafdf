/** What a kind of fault costs of the 100 points that a member, and the address that it comes from, has. */
export interface FaultKind {
  readonly member: number
  /** Less than the member's where honest members behind one address could add up. */
  readonly address: number
  /** For people: "it …". */
  readonly words: string
}

/** Everything that a peer can do wrong. What our own clock, disk or bug may have caused is not in here, and must not be punished as any of these. */
export const FAULTS = {
  /** A header that breaks a rule: whoever passes one on has not checked it. */
  'broken-header': { member: 100, address: 100, words: 'sent a header that breaks a rule' },
  /** A body that breaks a rule or is not that of its header. */
  'broken-body': { member: 100, address: 100, words: 'sent a cheese that breaks a rule' },
  /** A cheese that is wrong by our accounts, or what stands on one: whoever made it, or our accounts, are at fault. */
  disputed: { member: 25, address: 5, words: 'follows a cheese that this member holds to be invalid' },
  /** A transfer with a bad shape or signature. */
  'broken-transfer': { member: 50, address: 50, words: 'sent a transfer that cannot be good' },
  /** Bytes that are no message, or a card with a bad signature. */
  malformed: { member: 50, address: 50, words: 'sent something that members do not send' },
  /** A body, transfer or headers that we did not ask for. */
  unasked: { member: 20, address: 20, words: 'sent what nobody had asked it for' },
  /** It promised something and let us wait. A slow line is no malice, and one address may be that of many members. */
  stall: { member: 10, address: 2, words: 'did not answer in time' },
  /** More than its share. */
  spam: { member: 5, address: 5, words: 'sent or asked for more than its share' },
} as const satisfies Readonly<Record<string, FaultKind>>

export type Fault = keyof typeof FAULTS

/** Whether a text, of a file, names a fault. */
export function isFault(text: unknown): text is Fault {
  return typeof text === 'string' && Object.hasOwn(FAULTS, text)
}

/** One thing that a member did wrong. */
export interface Offence {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly kind: Fault
  /** What it cost. */
  readonly points: number
  /** What exactly, for people. May quote a stranger: text, never markup. */
  readonly detail: string
}
