import { addressOf, formatAddress } from '../../consensus/address.ts'
import { sha256 } from '../../consensus/hash.ts'
import { type NetworkName, params as paramsOf } from '../../consensus/params.ts'
import { publicKeyOf } from '../../consensus/signature.ts'
import { concatBytes } from '../../util/bytes.ts'
import { silent } from '../../util/ports.ts'
import { encodeUtf8 } from '../../util/utf8.ts'
import { inlineVaultCipher } from '../age.ts'
import type { CertifyRequest, ListedMember } from '../ports.ts'
import { draftTransfer, signTransfer } from '../transfers.ts'
import { Wallet, type WalletDeps } from '../wallet.ts'
import { FakeChain } from './fake-chain.ts'
import { FakeClock, FakeStore, MemoryFiles, SeededRandom } from './fake-host.ts'

export const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'
export const PASSPHRASE = 'correct horse battery'
export const DIR = '/data/wallet'

/** Somebody else, with keys from a number. */
export function person(seed: number, network: NetworkName = 'regtest') {
  const secretKey = sha256(Uint8Array.of(seed))
  const paymentKey = publicKeyOf(secretKey)
  const address = addressOf(paymentKey)
  return { secretKey, paymentKey, address, text: formatAddress(address, paramsOf(network)) }
}

/** A wallet and its world in memory; `open` opens it again, as after a restart. */
export class Rig {
  readonly params
  readonly chain
  readonly files = new MemoryFiles()
  readonly clock = new FakeClock()
  readonly random
  readonly store = new FakeStore()
  readonly members: ListedMember[] = []
  readonly certified: CertifyRequest[] = []
  readonly cipher = inlineVaultCipher({ workFactor: 1 })
  wallet!: Wallet

  private constructor(network: NetworkName, seed: number) {
    this.params = paramsOf(network)
    this.chain = new FakeChain(this.params)
    this.random = new SeededRandom(seed)
  }

  /** Without a wallet yet. */
  static async empty({ network = 'regtest', seed = 1 }: { readonly network?: NetworkName; readonly seed?: number } = {}): Promise<Rig> {
    const rig = new Rig(network, seed)
    await rig.open()
    return rig
  }

  /** With a wallet of `WORDS` that is kept unlocked, and `ripe` rewards to spend. */
  static async rich({ ripe = 2, seed = 1 }: { readonly ripe?: number; readonly seed?: number } = {}): Promise<Rig> {
    const rig = await Rig.empty({ seed })
    await rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })
    await rig.wallet.keepUnlocked(PASSPHRASE)
    rig.chain.mine({ to: rig.address, count: ripe })
    rig.chain.mine({ count: rig.params.ripening })
    await rig.settle()
    return rig
  }

  get address(): Uint8Array {
    return this.wallet.address ?? new Uint8Array(20)
  }

  get addressText(): string {
    return formatAddress(this.address, this.params)
  }

  async open(changes: Partial<WalletDeps> = {}): Promise<Wallet> {
    this.wallet = await Wallet.open({
      dir: DIR,
      files: this.files,
      store: this.store,
      chain: this.chain,
      directory: { members: () => this.members },
      params: this.params,
      clock: this.clock,
      random: this.random,
      cipher: this.cipher,
      certify: (request) => {
        this.certified.push(request)
        return concatBytes(encodeUtf8(request.nickname), request.sign(sha256(encodeUtf8(request.nickname))))
      },
      log: silent,
      ...changes,
    })
    return this.wallet
  }

  /** As after a quit and a start; the wallet is locked. */
  async restart(changes: Partial<WalletDeps> = {}): Promise<Wallet> {
    await this.wallet.close()
    return this.open(changes)
  }

  /** A signed transfer of somebody else's. */
  transferFrom(
    secretKey: Uint8Array,
    fields: { readonly sequence: number; readonly to: Uint8Array; readonly amount: bigint; readonly fee?: bigint; readonly expiry?: number },
  ) {
    const draft = draftTransfer({ publicKey: publicKeyOf(secretKey), expiry: 0, fee: 1000n, memo: new Uint8Array(), ...fields })
    return signTransfer(draft, secretKey, this.params, this.random)
  }

  /** Lets everything that was set off by events run its course. */
  async settle(): Promise<void> {
    for (let i = 0; i < 200; i++) await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }

  async states(): Promise<string[]> {
    const { entries } = await this.wallet.history()
    return entries.filter(({ kind }) => kind === 'sent').map(({ state }) => state)
  }
}
