import { equalBytes } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import type { Logger } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { TlsFiles } from './http.ts'
import { Admission, type IpRange, parseRange, parseRanges } from './places.ts'

/** What a tracker is told by files, which are looked at again while it runs. */

export interface WatchedOptions {
  readonly files: Files
  readonly log: Logger
  /** Ranges such as 192.0.2.0/24, or names of files that hold them, one a line. */
  readonly allow?: readonly string[] | undefined
  readonly block?: readonly string[] | undefined
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

/** The lists of who is let in and kept out, and the certificate. */
export class WatchedFiles {
  readonly #options: WatchedOptions
  /** The files as they were when they were last taken over. */
  #seen = new Map<string, Uint8Array | undefined>()
  #reading: Promise<void> | undefined

  constructor(options: WatchedOptions) {
    this.#options = options
  }

  /** The first look: everything must be good, or the error says what is not. */
  async open(): Promise<Result<{ readonly admission: Admission; readonly tls: TlsFiles | undefined }, string>> {
    const admission = await this.#admission()
    if (!admission.ok) return admission
    const tls = await this.#tls()
    return tls.ok ? ok({ admission: admission.value, tls: tls.value }) : tls
  }

  /** Looks again; what changed and is good is handed to `take`. What is not good any more leaves all as it is, and the log says so. */
  look(take: { admission(admission: Admission): void; tls(tls: TlsFiles): void }): Promise<void> {
    this.#reading ??= this.#look(take).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #look(take: { admission(admission: Admission): void; tls(tls: TlsFiles): void }): Promise<void> {
    const { log } = this.#options
    const lists = this.#lists().filter((entry) => parseRange(entry) === undefined)
    if (await this.#changed(lists)) {
      const admission = await this.#admission()
      if (admission.ok) {
        take.admission(admission.value)
        log.info('the lists of who is let in and kept out were read again')
      } else log.error(`the lists of who is let in and kept out stay as they were: ${admission.error}`)
    }
    const { tls } = this.#options
    if (tls && (await this.#changed([tls.cert, tls.key]))) {
      const files = await this.#tls()
      if (files.ok && files.value) take.tls(files.value)
      else if (!files.ok) log.error(`the certificate stays as it was: ${files.error}`)
    }
  }

  #lists(): string[] {
    return [...(this.#options.allow ?? []), ...(this.#options.block ?? [])]
  }

  async #changed(paths: readonly string[]): Promise<boolean> {
    let changed = false
    for (const path of paths) {
      const bytes = await this.#options.files.read(path).catch(() => undefined)
      const before = this.#seen.get(path)
      if (before && bytes ? !equalBytes(before, bytes) : before !== bytes) changed = true
      this.#seen.set(path, bytes)
    }
    return changed
  }

  async #admission(): Promise<Result<Admission, string>> {
    const allow = await this.#ranges(this.#options.allow ?? [])
    if (!allow.ok) return allow
    const block = await this.#ranges(this.#options.block ?? [])
    if (!block.ok) return block
    return ok(new Admission(allow.value, block.value))
  }

  async #ranges(entries: readonly string[]): Promise<Result<IpRange[], string>> {
    const all: IpRange[] = []
    for (const entry of entries) {
      const range = parseRange(entry)
      if (range) all.push(range)
      else {
        const bytes = await this.#read(entry)
        if (!bytes.ok) return err(`“${entry}” is neither an address, nor a range such as 192.0.2.0/24, nor a file that can be read.`)
        const ranges = parseRanges(new TextDecoder().decode(bytes.value))
        if (!ranges.ok) return err(`The list ${entry} is not good: ${ranges.error}.`)
        // Not spread: a list may be longer than a call takes arguments.
        for (const each of ranges.value) all.push(each)
      }
    }
    return ok(all)
  }

  async #tls(): Promise<Result<TlsFiles | undefined, string>> {
    const { tls } = this.#options
    if (!tls) return ok(undefined)
    const cert = await this.#read(tls.cert)
    if (!cert.ok) return cert
    const key = await this.#read(tls.key)
    return key.ok ? ok({ cert: cert.value, key: key.value }) : key
  }

  async #read(path: string): Promise<Result<Uint8Array, string>> {
    const bytes = await this.#options.files.read(path).catch(() => undefined)
    this.#seen.set(path, bytes)
    return bytes ? ok(bytes) : err(`The file ${path} cannot be read.`)
  }
}
