/** What a person agrees to before this machine mines for the first time. The one text for window and command line. */
export interface MiningConsent {
  readonly title: string
  readonly points: readonly string[]
  readonly question: string
}

/**
 * The text for a machine that would mine with `threads` of its `maxThreads` threads.
 * @param threads as chosen now; the person may change it later without being asked again
 */
export function miningConsent({ threads, maxThreads }: { readonly threads: number; readonly maxThreads: number }): MiningConsent {
  const busy = `${Math.min(threads, maxThreads)} of this computer's ${maxThreads} processor thread${maxThreads === 1 ? '' : 's'}`
  return {
    title: 'Before this computer mines',
    points: [
      `Mining keeps ${busy} at full load for as long as it is on. You choose how many, and how much of the time they work.`,
      'The computer gets warm, its fans get louder, and other programs may get slower.',
      'It takes electricity, which somebody pays for. On battery mining rests, unless you allow it there: then the battery is soon empty.',
      'Rewards are a matter of chance. A cheese may be found soon, late or never; nothing is promised.',
      'You can stop it at any time, and lose nothing by that.',
    ],
    question: 'Let this computer mine?',
  }
}

/** The same as one sentence or two, for whoever asked to mine without having agreed. */
export const CONSENT_NEEDED =
  'Mining was not agreed to on this computer yet. It keeps processor threads at full load, makes heat and fan noise, takes electricity and empties a battery; rewards are a matter of chance, and it can be stopped at any time. In the window, press Mine and agree; on the command line, add --agree.'
