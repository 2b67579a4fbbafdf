import { implement, ORPCError } from '@orpc/server'
import type { Logger } from '../util/ports.ts'
import { contract } from './contract.ts'
import { Failure, type FailureCode } from './errors.ts'
import type { MemberEvent } from './schemas.ts'
import type { MemberService } from './service.ts'

/** HTTP statuses of the failures that are not plainly 400. */
const STATUS: Partial<Record<FailureCode, number>> = {
  WRONG_PASSPHRASE: 403,
  CONSENT_NEEDED: 403,
  NOT_FOUND: 404,
  UNKNOWN_RECIPIENT: 404,
  WALLET_MISSING: 409,
  WALLET_EXISTS: 409,
  AMBIGUOUS_RECIPIENT: 409,
  KEY_CHANGED: 409,
  PORT_IN_USE: 409,
  DATA_IN_USE: 409,
  WALLET_LOCKED: 423,
  BUSY: 429,
}

/** What the far side gets for a bug of ours: nothing of the inside. The log has the rest. */
const BUG = 'Something went wrong inside the member; its log says what. Try again, and report it if it comes back.'

/** Where in the input a validation issue lies, and what it is, as one sentence. */
function issueText(issues: unknown): string {
  const parts = (Array.isArray(issues) ? issues : []).slice(0, 3).map((issue: { path?: unknown; message?: unknown }) => {
    const path = (Array.isArray(issue.path) ? issue.path : [])
      .map((part: unknown) => (typeof part === 'object' && part !== null && 'key' in part ? String(part.key) : String(part)))
      .join('.')
    return `${path === '' ? '' : `${path}: `}${String(issue.message)}`
  })
  return `That call cannot be understood. ${parts.join('; ') || 'Its input has another form.'}`
}

/**
 * `error` as it crosses a carrier: a `Failure` keeps its code, message and data with a status of 4xx, input that the schema
 * refuses becomes BAD_INPUT, everything else is a bug of ours: logged, and answered with a message that tells nothing.
 */
export function toWireError(error: unknown, log: Logger, procedure: string): ORPCError<string, unknown> {
  if (error instanceof Failure) return new ORPCError(error.code, { status: STATUS[error.code] ?? 400, message: error.message, data: error.data })
  if (error instanceof ORPCError && error.status < 500) {
    if (error.code !== 'BAD_REQUEST') return error
    return new ORPCError('BAD_INPUT' satisfies FailureCode, { status: 400, message: issueText((error.data as { issues?: unknown } | undefined)?.issues) })
  }
  log.error(`${procedure} failed`, { error: error instanceof ORPCError && error.cause !== undefined ? error.cause : error })
  return new ORPCError('INTERNAL_SERVER_ERROR', { status: 500, message: BUG })
}

/** The contract, answered by `service`. Every carrier carries this one router. */
export function createRouter(service: MemberService, log: Logger) {
  const os = implement(contract).use(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      throw toWireError(error, log, path.join('.'))
    }
  })

  async function* events(signal: AbortSignal | undefined): AsyncGenerator<MemberEvent, void> {
    try {
      yield* service.events(signal)
    } catch (error) {
      if (signal?.aborted === true) return
      throw toWireError(error, log, 'events')
    }
  }

  return os.router({
    status: os.status.handler(() => service.status(undefined)),
    balance: os.balance.handler(() => service.balance(undefined)),
    events: os.events.handler(({ signal }) => events(signal)),
    stop: os.stop.handler(() => service.stop(undefined)),
    wallet: {
      draft: os.wallet.draft.handler(() => service.wallet.draft(undefined)),
      create: os.wallet.create.handler(({ input }) => service.wallet.create(input)),
      restore: os.wallet.restore.handler(({ input }) => service.wallet.restore(input)),
      unlock: os.wallet.unlock.handler(({ input }) => service.wallet.unlock(input)),
      lock: os.wallet.lock.handler(() => service.wallet.lock(undefined)),
      words: os.wallet.words.handler(({ input }) => service.wallet.words(input)),
      nickname: os.wallet.nickname.handler(({ input }) => service.wallet.nickname(input)),
      history: os.wallet.history.handler(({ input }) => service.wallet.history(input)),
      review: os.wallet.review.handler(({ input }) => service.wallet.review(input)),
      send: os.wallet.send.handler(({ input }) => service.wallet.send(input)),
      journey: os.wallet.journey.handler(({ input }) => service.wallet.journey(input)),
      suggestFee: os.wallet.suggestFee.handler(() => service.wallet.suggestFee(undefined)),
    },
    contacts: {
      list: os.contacts.list.handler(() => service.contacts.list(undefined)),
      add: os.contacts.add.handler(({ input }) => service.contacts.add(input)),
      remove: os.contacts.remove.handler(({ input }) => service.contacts.remove(input)),
    },
    members: os.members.handler(() => service.members(undefined)),
    peers: {
      list: os.peers.list.handler(() => service.peers.list(undefined)),
      connect: os.peers.connect.handler(({ input }) => service.peers.connect(input)),
      disconnect: os.peers.disconnect.handler(({ input }) => service.peers.disconnect(input)),
      kept: os.peers.kept.handler(() => service.peers.kept(undefined)),
      forget: os.peers.forget.handler(({ input }) => service.peers.forget(input)),
      bans: os.peers.bans.handler(() => service.peers.bans(undefined)),
      ban: os.peers.ban.handler(({ input }) => service.peers.ban(input)),
      unban: os.peers.unban.handler(({ input }) => service.peers.unban(input)),
      book: os.peers.book.handler(() => service.peers.book(undefined)),
    },
    network: {
      choices: os.network.choices.handler(() => service.network.choices(undefined)),
      set: os.network.set.handler(({ input }) => service.network.set(input)),
      check: os.network.check.handler(() => service.network.check(undefined)),
    },
    mining: {
      status: os.mining.status.handler(() => service.mining.status(undefined)),
      set: os.mining.set.handler(({ input }) => service.mining.set(input)),
      chart: os.mining.chart.handler(() => service.mining.chart(undefined)),
      own: os.mining.own.handler(({ input }) => service.mining.own(input)),
      generate: os.mining.generate.handler(({ input }) => service.mining.generate(input)),
    },
    stack: {
      list: os.stack.list.handler(({ input }) => service.stack.list(input)),
      show: os.stack.show.handler(({ input }) => service.stack.show(input)),
    },
    tracker: {
      status: os.tracker.status.handler(() => service.tracker.status(undefined)),
      host: os.tracker.host.handler(({ input }) => service.tracker.host(input)),
      set: os.tracker.set.handler(({ input }) => service.tracker.set(input)),
      check: os.tracker.check.handler(() => service.tracker.check(undefined)),
      unhost: os.tracker.unhost.handler(() => service.tracker.unhost(undefined)),
      join: os.tracker.join.handler(({ input }) => service.tracker.join(input)),
      leave: os.tracker.leave.handler(({ input }) => service.tracker.leave(input)),
    },
  })
}

export type MemberRouter = ReturnType<typeof createRouter>
