/**
 * How long it takes to touch a few hundred accounts among a million, beside a rebuild of the whole tree.
 *   node bench/accounts.ts [accounts] [touched] [rounds]
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { AccountsTree, accountsRootOf, type TreeUpdate } from '../src/consensus/tree.ts'
import type { Account, AddressHex } from '../src/consensus/types.ts'
import { equalBytes, toHex } from '../src/util/bytes.ts'

const [accountCount = 1_000_000, touched = 400, rounds = 31] = process.argv.slice(2).map(Number)

const stored = new Map<string, Uint8Array>()
let reads = 0
const nodes = {
  get(key: Uint8Array): Uint8Array | undefined {
    reads++
    return stored.get(toHex(key))
  },
}

function store(update: TreeUpdate): void {
  for (const [key, value] of update.writes) {
    if (value) stored.set(key, value)
    else stored.delete(key)
  }
}

function addressNumber(i: number): AddressHex {
  return toHex(sha256(Uint8Array.of(i >> 24, i >> 16, i >> 8, i)).subarray(0, 20))
}

function milliseconds(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

function row(name: string, values: readonly number[]): void {
  const text = [median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(2))
  console.log(`${name.padEnd(52)} ${text[0]?.padStart(9)} ms   (${text[1]} … ${text[2]})`)
}

let seed = 1
function below(limit: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((seed / 2 ** 32) * limit)
}

const accounts = new Map<AddressHex, Account>()
for (let i = 0; i < accountCount; i++) accounts.set(addressNumber(i), { balance: BigInt(i + 1), sequence: 0 })
const keys = [...accounts.keys()]
function nextChanges(): Map<AddressHex, Account> {
  const changes = new Map<AddressHex, Account>()
  while (changes.size < touched) changes.set(keys[below(accountCount)] as AddressHex, { balance: BigInt(1 + below(1e9)), sequence: below(1000) })
  return changes
}

let rebuilt: Uint8Array = new Uint8Array()
const rebuild = milliseconds(() => {
  rebuilt = accountsRootOf(accounts)
})
const filling = new AccountsTree(nodes)
store(filling.update(accounts))
if (!equalBytes(new AccountsTree(nodes).root(), rebuilt)) throw new Error('the tree and the rebuild disagree')

/** One cheese's worth: what the root costs, then what storing it costs; `fresh` starts each with nothing in memory. */
function measure(fresh: boolean): { update: number[]; encode: number[]; reads: number[]; bytes: number[] } {
  const out = { update: [] as number[], encode: [] as number[], reads: [] as number[], bytes: [] as number[] }
  let tree = new AccountsTree(nodes)
  for (let round = -5; round < rounds; round++) {
    if (fresh) tree = new AccountsTree(nodes)
    const changes = nextChanges()
    reads = 0
    let update = undefined as TreeUpdate | undefined
    const updating = milliseconds(() => {
      update = tree.update(changes)
    })
    const made = update as TreeUpdate
    const encoding = milliseconds(() => made.writes.size)
    store(made)
    tree.apply(made)
    for (const [key, account] of changes) accounts.set(key, account)
    if (round < 0) continue
    out.update.push(updating)
    out.encode.push(encoding)
    out.reads.push(reads)
    out.bytes.push([...made.writes].reduce((sum, [key, value]) => sum + key.length / 2 + (value?.length ?? 0), 0))
  }
  return out
}

console.log(`${accountCount} accounts, ${touched} touched, ${rounds} rounds, memory store, Node ${process.version}`)
console.log(`${stored.size} pages stored, ${([...stored.values()].reduce((sum, value) => sum + value.length, 0) / 1e6).toFixed(0)} MB\n`)
row('plain rebuild', [rebuild])
for (const fresh of [false, true]) {
  const { update, encode, reads: read, bytes } = measure(fresh)
  row(fresh ? 'update, nothing in memory' : 'update, upper levels in memory', update)
  row('  and encoding its pages to store them', encode)
  console.log(
    `  ${median(read)} pages read, ${(median(bytes) / 1e3).toFixed(0)} kB to write; a rebuild takes ${(rebuild / median(update)).toFixed(0)} times as long`,
  )
}
if (!equalBytes(new AccountsTree(nodes).root(), accountsRootOf(accounts.entries()))) throw new Error('the updated tree and the rebuild disagree')
console.log('\nThe root at the end agrees with a rebuild.')
