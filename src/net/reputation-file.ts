import { isObject } from '../util/json.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import { isFault } from './faults.ts'

/** What reputation.json held, as schema 2 says it. Schema 1 had a ban in each record and no history. */
export function upgradeReputation(data: unknown): unknown {
  if (!isObject(data) || data.schema !== 1 || !Array.isArray(data.records)) return data
  const records: unknown[] = []
  const list: unknown[] = []
  for (const item of data.records) {
    if (!isObject(item) || typeof item.key !== 'string') continue
    const [, kind = '', whom = ''] = /^(id|host):(.*)$/.exec(item.key) ?? []
    const group = kind === 'host' ? (addressGroup(whom) ?? addressOwner(whom)) : ''
    const isBanned = typeof item.bannedUntil === 'number' && item.bannedUntil > 0
    records.push({ ...item, group, lost: isBanned ? 0 : item.lost, offences: [] })
    if (!isBanned) continue
    const reason = typeof item.reason === 'string' ? item.reason : ''
    const fault = reason.split(':')[0]
    list.push({
      ...(kind === 'id' ? { memberId: whom } : { address: addressOwner(whom) }),
      id: String(list.length + 1),
      nickname: '',
      kind: isFault(fault) ? fault : 'malformed',
      reason,
      since: item.at,
      until: item.bannedUntil,
      group,
    })
  }
  return { schema: 2, records, bans: { lastId: list.length, list } }
}
