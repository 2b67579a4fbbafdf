/** Where everything lies in the module's memory, which holds nothing else. wasm.ts in platform/kernels knows HEADER and TARGET. */

/** The header's 29 words, as bytes. */
export const HEADER: usize = 0
/** The first word of the target, as a number. */
export const TARGET: usize = 128
/** While it is prepared: a block's message schedule, and the eight working variables. */
export const SCHEDULE: usize = 256
export const WORKING: usize = 512
/** What is the same for all nonces of a call, 16 bytes each: see below. */
export const KNOWN: usize = 1024
/** The round constants, 16 bytes each. */
export const ROUND: usize = 4096
/** The first digest, 16 bytes a word. */
export const DIGEST: usize = 8192

/** From KNOWN on: the hash of the first block, and the working variables before round 12 of the second. */
export const MIDSTATE = 0
export const STATE = 8
/** The variables e and a after round 12, but for the nonce that is to be added to either; and a ^ b before it. */
export const NONCE_E = 16
export const NONCE_A = 17
export const STATE_XOR = 18
/** By number of the round: a word of the schedule that does not hang on the nonce, with its round constant. */
export const ROUND_WORD = 20
/** By number of the word: the sum of the parts of a word of the schedule that do not hang on the nonce. */
export const PART = 48
