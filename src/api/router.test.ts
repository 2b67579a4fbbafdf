import { createRouterClient, ORPCError } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { type Logger, silent } from '../util/ports.ts'
import { Failure } from './errors.ts'
import { createRouter } from './router.ts'
import type { Sent } from './schemas.ts'
import { fakeService, oneStatus } from './testing/fake-service.ts'

function recording(): { log: Logger; errors: { message: string; details: unknown }[] } {
  const errors: { message: string; details: unknown }[] = []
  return { log: { ...silent, error: (message, details) => void errors.push({ message, details }) }, errors }
}

async function failureOf(call: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  const error = await call.then(
    () => expect.unreachable('the call succeeded'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ORPCError)
  return error as ORPCError<string, unknown>
}

const SEND = { to: 'Bob', amount: '5' }

describe('the router', () => {
  it('hands input to the service and its answer back', async () => {
    const sent: Sent = { id: 'ab', to: 'Bob', amount: '5', fee: '1', sequence: 0, expiry: 9 }
    const given: unknown[] = []
    const send = async (input: unknown) => {
      given.push(input)
      return sent
    }
    const client = createRouterClient(createRouter(fakeService({ wallet: { send } }), silent))
    expect(await client.wallet.send({ ...SEND, memo: 'hi' })).toEqual(sent)
    expect(given).toEqual([{ ...SEND, memo: 'hi' }])
  })

  it('keeps the code, message and data of a Failure, with a status of 4xx', async () => {
    const { log, errors } = recording()
    const service = fakeService({
      wallet: {
        send: async () => {
          throw new Failure('AMBIGUOUS_RECIPIENT', 'Two members go by Bob.', { candidates: ['a', 'b'] })
        },
        words: async () => {
          throw new Failure('WRONG_PASSPHRASE', 'No.')
        },
      },
    })
    const client = createRouterClient(createRouter(service, log))
    const error = await failureOf(client.wallet.send(SEND))
    expect(error).toMatchObject({ code: 'AMBIGUOUS_RECIPIENT', status: 409, message: 'Two members go by Bob.', data: { candidates: ['a', 'b'] } })
    expect(await failureOf(client.wallet.words({ passphrase: 'x' }))).toMatchObject({ code: 'WRONG_PASSPHRASE', status: 403 })
    expect(errors).toEqual([])
  })

  it('answers a bug with a message that tells nothing, and logs it', async () => {
    const { log, errors } = recording()
    const bug = new Error('secret detail at /home/alice')
    const client = createRouterClient(createRouter(fakeService({ members: () => Promise.reject(bug) }), log))
    const error = await failureOf(client.members())
    expect(error.status).toBe(500)
    expect(JSON.stringify(error.toJSON())).not.toContain('secret')
    expect(errors).toEqual([{ message: 'members failed', details: { error: bug } }])
  })

  it('refuses input that the schema refuses as BAD_INPUT and says where', async () => {
    const { log, errors } = recording()
    const client = createRouterClient(createRouter(fakeService(), log))
    const error = await failureOf(client.wallet.send({ to: 'Bob', amount: '1.5' }))
    expect(error).toMatchObject({ code: 'BAD_INPUT', status: 400 })
    expect(error.message).toContain('amount: whole crumbs')
    expect(errors).toEqual([])
  })

  it('treats an answer of the wrong form as a bug of ours', async () => {
    const { log, errors } = recording()
    const client = createRouterClient(createRouter(fakeService({ balance: async () => ({ spendable: '-1', ripening: '0', pending: '0' }) }), log))
    expect((await failureOf(client.balance())).status).toBe(500)
    expect(errors).toHaveLength(1)
  })

  it('streams events until the caller has enough, and then tells the service', async () => {
    let signal: AbortSignal | undefined
    const service = fakeService({
      events: (given) => {
        signal = given
        return oneStatus(given)
      },
    })
    const stop = new AbortController()
    const events = await createRouterClient(createRouter(service, silent)).events(undefined, { signal: stop.signal })
    const first = await events.next()
    expect(first.value).toMatchObject({ type: 'status', status: { height: 7 } })
    stop.abort()
    expect((await events.next()).done).toBe(true)
    expect(signal?.aborted).toBe(true)
  })

  it('maps a Failure among the events too', async () => {
    const service = fakeService({
      // biome-ignore lint/correctness/useYield: it fails before the first event
      events: async function* () {
        throw new Failure('BUSY', 'Too many listeners.')
      },
    })
    const events = await createRouterClient(createRouter(service, silent)).events()
    expect(await failureOf(Promise.resolve(events.next()))).toMatchObject({ code: 'BUSY', status: 429 })
  })
})
