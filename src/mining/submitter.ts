import { smellHex } from '../consensus/hash.ts'
import type { Cheese, Params } from '../consensus/types.ts'
import type { Emitter } from '../util/events.ts'
import type { Logger } from '../util/ports.ts'
import type { Figures } from './figures.ts'
import type { MiningPorts } from './ports.ts'
import type { Found, MinerEvents } from './status.ts'

/** What became of a cheese of ours. `late`: another was first. */
export type Submitted =
  | { readonly outcome: 'found'; readonly found: Found }
  | { readonly outcome: 'late' }
  | { readonly outcome: 'refused'; readonly message: string }

export interface SubmitterOptions {
  readonly network: Params['network']
  readonly ports: Pick<MiningPorts, 'submit'>
  readonly figures: Figures
  readonly events: Emitter<MinerEvents>
  readonly log: Logger
}

/** Puts cheeses that were found onto the stack, counts them and tells of them. */
export class Submitter {
  readonly #options: SubmitterOptions

  constructor(options: SubmitterOptions) {
    this.#options = options
  }

  async submit(cheese: Cheese): Promise<Submitted> {
    const { network, ports, figures, events, log } = this.#options
    const smell = smellHex(cheese.header)
    const { height } = cheese.body.reward
    try {
      const result = await ports.submit(cheese)
      if (!result.ok) return { outcome: 'refused', message: `The cheese found at height ${height} was refused (${result.error.code}): ${result.error.message}` }
      if (result.value !== 'connected') {
        figures.wasted()
        log.info('found a cheese, but another was first', { height, smell })
        events.emit('late', { height, smell })
        return { outcome: 'late' }
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { outcome: 'refused', message: `The cheese found at height ${height} could not be stored: ${why}` }
    }
    figures.stacked()
    // On regtest they come by the hundred.
    log[network === 'regtest' ? 'debug' : 'info']('found a cheese', { height, smell, transfers: cheese.body.transfers.length })
    events.emit('found', { height, smell })
    return { outcome: 'found', found: { height, smell } }
  }
}
