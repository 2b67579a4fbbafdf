import { encodeHeader } from '../../../src/consensus/codec.ts'
import type { Attack } from '../support/attack.ts'
import { until } from '../support/until.ts'
import { Villain } from '../support/villain.ts'

export const badWork: Attack = {
  name: 'bad proof of work',
  does: 'announces a header whose smell is above the target',
  sender: 'banned',
  async run({ at, ground }) {
    const villain = await Villain.meet(at)
    const { header } = ground.maker.make(ground.tip)
    villain.send({ type: 'headers', request: 0, headers: [encodeHeader({ ...header, nonce: header.nonce + 1n })] })
    await until('it is sent away', () => villain.goodbye === 'banned')
    return [villain]
  },
}
