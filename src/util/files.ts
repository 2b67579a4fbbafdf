/** Small files, whole: what a folder of settings and keys needs. The adapter is in platform/files.ts. */
export interface Files {
  /** The bytes of `path`, or undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Replaces `path` whole or not at all (also when the power fails); makes its folder. `secret` = readable by its owner alone. */
  write(path: string, bytes: Uint8Array, options?: { readonly secret?: boolean }): Promise<void>
  /** Removes `path` if it is there. */
  remove(path: string): Promise<void>
  /** Names in a folder, or none when there is no such folder. */
  list(folder: string): Promise<string[]>
}
