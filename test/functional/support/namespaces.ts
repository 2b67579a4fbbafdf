/**
 * An internet of our own: hosts in network namespaces of Linux, on one bridge, some of them behind a router that translates
 * addresses. What it makes goes with the test; what a killed run left behind is swept by the next one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PREFIX = 'cheese-lab'

function run(command: string, ...args: readonly string[]): string {
  const ran = spawnSync(command, args, { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stderr || (ran.error?.message ?? `ended with ${ran.status}`)}`)
  return ran.stdout
}

function has(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** Why namespaces cannot be made here, or undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are there on Linux alone'
  if (process.getuid?.() !== 0) return 'making network namespaces needs root'
  if (!has('ip', '-V')) return 'the command ip is missing (Debian: iproute2)'
  if (!has('nft', '-v') && !has('iptables', '-V')) return 'neither nft nor iptables is there (Debian: nftables)'
  const name = `${PREFIX}-${process.pid}-try`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', '-n', name, 'link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'two')
    run('ip', 'netns', 'exec', name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    translate(name, 'one')
    return undefined
  } catch (error) {
    return `this machine does not permit it: ${error instanceof Error ? error.message.trim() : String(error)}`
  } finally {
    has('ip', 'netns', 'del', name)
  }
}

/** What leaves by `device` bears the router's own address. */
function translate(name: string, device: string): void {
  if (!has('nft', '-v')) {
    run('ip', 'netns', 'exec', name, 'iptables', '-t', 'nat', '-A', 'POSTROUTING', '-o', device, '-j', 'MASQUERADE')
    return
  }
  const nft = (...words: readonly string[]) => run('ip', 'netns', 'exec', name, 'nft', ...words)
  nft('add', 'table', 'ip', 'nat')
  nft('add', 'chain', 'ip', 'nat', 'postrouting', '{ type nat hook postrouting priority 100 ; }')
  nft('add', 'rule', 'ip', 'nat', 'postrouting', 'oifname', device, 'masquerade')
}

/** Ends what runs in a namespace, and takes it away. */
function remove(name: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? ''
  for (const pid of pids.split('\n').filter((line) => /^[0-9]+$/.test(line))) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  has('ip', 'netns', 'del', name)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Takes away what belongs to test runs that are over. */
function sweep(): void {
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const name = line.split(' ')[0] ?? ''
    const pid = Number(new RegExp(`^${PREFIX}-([0-9]+)-`).exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) remove(name)
  }
}

/** Hosts by name. */
export class Lab {
  readonly #names = new Set<string>()

  private constructor() {
    onTestFinished(() => {
      for (const name of this.#names) remove(name)
    })
    this.#make('net')
    this.#ip('net', 'link', 'add', 'name', 'bridge', 'type', 'bridge')
    this.#ip('net', 'link', 'set', 'bridge', 'up')
  }

  /** An internet without hosts; it goes with the test. */
  static open(): Lab {
    sweep()
    return new Lab()
  }

  /** A host on the internet, where 8.0.0.0/8 is all there is. */
  addHost(host: string, address: string): void {
    this.#make(host)
    this.#ip('net', 'link', 'add', 'name', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(host))
    this.#ip('net', 'link', 'set', host, 'master', 'bridge', 'up')
    this.#ip(host, 'address', 'add', `${address}/8`, 'dev', 'eth0')
    this.#ip(host, 'link', 'set', 'eth0', 'up')
  }

  /** A home: `host` alone behind a router that has `address` and lets nobody in. */
  addHome(host: string, address: string): void {
    const router = `${host}-router`
    this.addHost(router, address)
    this.#make(host)
    this.#ip(router, 'link', 'add', 'name', 'home', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(host))
    this.#ip(router, 'address', 'add', '192.168.7.1/24', 'dev', 'home')
    this.#ip(router, 'link', 'set', 'home', 'up')
    this.#ip(host, 'address', 'add', '192.168.7.2/24', 'dev', 'eth0')
    this.#ip(host, 'link', 'set', 'eth0', 'up')
    this.#ip(host, 'route', 'add', 'default', 'via', '192.168.7.1')
    run('ip', 'netns', 'exec', this.#name(router), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    translate(this.#name(router), 'eth0')
  }

  /** Pulls a host's cable, or puts it in again. A home's is the one between its router and the internet. */
  plug(host: string, isIn: boolean): void {
    const end = this.#names.has(this.#name(`${host}-router`)) ? `${host}-router` : host
    this.#ip('net', 'link', 'set', end, isIn ? 'up' : 'down')
  }

  /** What a command line begins with that is to run on a host. */
  on(host: string): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(host)]
  }

  /** Runs a script of this folder on a host; it ends with the test at the latest. */
  script(host: string, name: string, ...args: readonly string[]): ChildProcess {
    const [command = '', ...rest] = [...this.on(host), process.execPath, fileURLToPath(new URL(name, import.meta.url)), ...args]
    return spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  #name(host: string): string {
    return `${PREFIX}-${process.pid}-${host}`
  }

  #make(host: string): void {
    const name = this.#name(host)
    run('ip', 'netns', 'add', name)
    this.#names.add(name)
    run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }

  #ip(host: string, ...args: readonly string[]): void {
    run('ip', '-n', this.#name(host), ...args)
  }
}
