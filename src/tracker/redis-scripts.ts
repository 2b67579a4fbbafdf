import { ANNOUNCE_SECONDS } from './protocol.ts'

/**
 * What a shared table does in Redis or Valkey, each as one script, so that all of it happens at once or not at all. Keys begin with a hash tag, so that
 * a cluster keeps them on one node. `P` is that prefix; K = network (64 hex digits) ‖ member id (64 hex digits).
 *
 *   P:e:K       hash     the entry's fields (redis-table.ts), in milliseconds and text; goes by itself some minutes after its end
 *   P:t:K       string   time of the last announce, as long as that one could be played again
 *   P:all       zset     K by the end of the entry
 *   P:n:NET     zset     K of a network, by the end of the entry
 *   P:nets      zset     networks, by the latest end of an entry of theirs
 *   P:a:ADDR    zset     K of an address (IPv6: of a /64), by the end of the entry
 *   P:s:SUBNET  zset     K of a subnet, by the end of the entry
 *   P:crowds    zset     subnets by how many they have
 *   P:ok:NET    zset     K of a network that could be dialled back, by the end of the entry
 *   P:h:NET     zset     K of a network by height
 *   P:d:PLACE   string   an address and port that was dialled lately
 *   P:r:SOURCE  string   announces of an address or subnet in this minute
 *
 * Times are those of the tracker that asks (ARGV `now`); trackers that share a table have clocks that agree to within seconds.
 */

/** Takes an entry off every list. */
const DROP = `
local function drop(K)
  local e = redis.call('HMGET', P .. ':e:' .. K, 'address', 'subnet')
  redis.call('DEL', P .. ':e:' .. K)
  redis.call('ZREM', P .. ':all', K)
  for _, list in ipairs({ ':n:', ':ok:', ':h:' }) do redis.call('ZREM', P .. list .. string.sub(K, 1, 64), K) end
  if e[1] then
    redis.call('ZREM', P .. ':a:' .. e[1], K)
    redis.call('ZREM', P .. ':s:' .. e[2], K)
    local left = redis.call('ZCARD', P .. ':s:' .. e[2])
    if left > 0 then redis.call('ZADD', P .. ':crowds', left, e[2]) else redis.call('ZREM', P .. ':crowds', e[2]) end
  end
end
`

const SAMPLE = `
local function sample(net, want, without)
  local out = {}
  local total = redis.call('ZCARD', P .. ':n:' .. net)
  if want > 0 and total > 0 then
    for _, K in ipairs(redis.call('ZRANDMEMBER', P .. ':n:' .. net, want + 1)) do
      if K ~= without and #out < want then
        local e = redis.call('HGETALL', P .. ':e:' .. K)
        if #e > 0 then out[#out + 1] = e end
      end
    end
  end
  return total, out
end
`

const HEAD = `local P = KEYS[1]\n`

/**
 * ARGV: K · event · now (ms) · time (s) · keep until (ms) · most in all · of an address · of a subnet · want · address · subnet · most announces a minute of an
 * address · of a subnet (0: not counted) · seconds for which its time is remembered · how many are given whole · fields of the entry, name and value.
 * Answers a code; after `listed` the total, others' entries and the entry.
 */
export const ARRIVE = `${HEAD}${DROP}${SAMPLE}
local K, event, now, time, untilMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local maxAll, maxAddress, maxSubnet, want = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local address, subnet = ARGV[10], ARGV[11]
local f = {}
for i = 16, #ARGV, 2 do f[ARGV[i]] = ARGV[i + 1] end
for i, source in ipairs({ address, subnet }) do
  local most = tonumber(ARGV[11 + i])
  if most > 0 then
    local key = P .. ':r:' .. source .. ':' .. math.floor(now / 60000)
    local count = redis.call('INCR', key)
    if count == 1 then redis.call('EXPIRE', key, 120) end
    if count > most then return { 'too-many-requests' } end
  end
end
local last = redis.call('GET', P .. ':t:' .. K)
-- What is too old to be played again is forgotten by the clock of the one who asks, too.
if last and now / 1000 > tonumber(last) + ${ANNOUNCE_SECONDS + 1} then last = false end
if last and time <= tonumber(last) then return { 'replayed' } end
local o = redis.call('HMGET', P .. ':e:' .. K, 'host', 'address', 'subnet', 'reachable', 'cardHash', 'cardTime', 'ip', 'port', 'dialAfter', 'failures', 'since', 'session', 'expiresAt', 'time')
local known = o[1] and tonumber(o[13]) > now
if o[14] and time <= tonumber(o[14]) then return { 'replayed' } end
if known and o[1] ~= f.host and o[2] ~= address and (o[4] == 'true' or event == 'stopped') then return { 'wrong-host' } end
local function remember() redis.call('SET', P .. ':t:' .. K, ARGV[4], 'EX', ARGV[14]) end
if event == 'stopped' then
  if known or last then remember() end
  drop(K)
  return { 'gone' }
end
if known and o[5] ~= f.cardHash and tonumber(f.cardTime) <= tonumber(o[6]) then return { 'old-card' } end
if o[1] and not known then drop(K) end
if not known or o[2] ~= address then
  redis.call('ZREMRANGEBYSCORE', P .. ':a:' .. address, '-inf', now)
  if redis.call('ZCARD', P .. ':a:' .. address) >= maxAddress then return { 'too-many' } end
end
if not known or o[3] ~= subnet then
  redis.call('ZREMRANGEBYSCORE', P .. ':s:' .. subnet, '-inf', now)
  if redis.call('ZCARD', P .. ':s:' .. subnet) >= maxSubnet then return { 'too-many-near' } end
end
if not known and redis.call('ZCARD', P .. ':all') >= maxAll then
  local crowd = redis.call('ZREVRANGE', P .. ':crowds', 0, 0, 'WITHSCORES')
  if not crowd[1] or tonumber(crowd[2]) <= redis.call('ZCARD', P .. ':s:' .. subnet) + 1 then return { 'full' } end
  local worst, since
  for _, other in ipairs(redis.call('ZRANGE', P .. ':s:' .. crowd[1], 0, -1)) do
    local e = redis.call('HMGET', P .. ':e:' .. other, 'reachable', 'since')
    local rank = (tonumber(e[2]) or now) - (e[1] == 'true' and 1e15 or 0)
    if not worst or rank > since then worst, since = other, rank end
  end
  if worst then
    drop(worst)
  else
    redis.call('ZREM', P .. ':crowds', crowd[1])
    return { 'full' }
  end
end
local stays = known and o[7] == f.ip and o[8] == f.port
-- What a tracker knew while it was on its own comes with the fields.
f.since = known and o[11] or f.since or ARGV[3]
f.reachable = f.port == '0' and 'false' or (stays and o[4] ~= 'null' and o[4] or f.reachable or 'null')
f.dialAfter = stays and o[9] or f.dialAfter or '0'
f.failures = stays and o[10] or f.failures or '0'
if f.session == '' and known then f.session = o[12] end
if known and (o[2] ~= address or o[3] ~= subnet) then drop(K) end
local set = {}
for name, value in pairs(f) do set[#set + 1] = name; set[#set + 1] = value end
redis.call('HSET', P .. ':e:' .. K, unpack(set))
-- Sweeping takes it off the lists first; what no sweep finds goes by itself.
redis.call('PEXPIRE', P .. ':e:' .. K, math.max(1, tonumber(untilMs) - now) + 600000)
remember()
redis.call('ZADD', P .. ':all', untilMs, K)
redis.call('ZADD', P .. ':n:' .. string.sub(K, 1, 64), untilMs, K)
redis.call('ZADD', P .. ':h:' .. string.sub(K, 1, 64), f.height, K)
redis.call(f.reachable == 'true' and 'ZADD' or 'ZREM', P .. ':ok:' .. string.sub(K, 1, 64), unpack(f.reachable == 'true' and { untilMs, K } or { K }))
redis.call('ZADD', P .. ':nets', 'GT', untilMs, string.sub(K, 1, 64))
redis.call('ZADD', P .. ':a:' .. address, untilMs, K)
redis.call('ZADD', P .. ':s:' .. subnet, untilMs, K)
redis.call('PEXPIRE', P .. ':a:' .. address, 7200000)
redis.call('PEXPIRE', P .. ':s:' .. subnet, 7200000)
redis.call('ZADD', P .. ':crowds', redis.call('ZCARD', P .. ':s:' .. subnet), subnet)
if redis.call('ZCARD', P .. ':n:' .. string.sub(K, 1, 64)) <= tonumber(ARGV[15]) + 1 then want = math.max(want, tonumber(ARGV[15])) end
local total, others = sample(string.sub(K, 1, 64), want, K)
return { 'listed', total, others, redis.call('HGETALL', P .. ':e:' .. K) }
`

/** ARGV: network · want · K to leave out or ''. */
export const SAMPLE_OF = `${HEAD}${SAMPLE}
local total, others = sample(ARGV[1], tonumber(ARGV[2]), ARGV[3])
return { total, others }
`

/** ARGV: K. Answers the entry. */
export const FIND = `${HEAD}
return redis.call('HGETALL', P .. ':e:' .. ARGV[1])
`

/** ARGV: K · ip · port · reachable · dial after · failures. Answers the entry, if it is still at that place. */
export const VERDICT = `${HEAD}
local key = P .. ':e:' .. ARGV[1]
local net = string.sub(ARGV[1], 1, 64)
local o = redis.call('HMGET', key, 'ip', 'port', 'expiresAt')
if o[1] ~= ARGV[2] or o[2] ~= ARGV[3] then return {} end
redis.call('HSET', key, 'reachable', ARGV[4], 'dialAfter', ARGV[5], 'failures', ARGV[6])
if ARGV[4] == 'true' then redis.call('ZADD', P .. ':ok:' .. net, o[3], ARGV[1]) else redis.call('ZREM', P .. ':ok:' .. net, ARGV[1]) end
return redis.call('HGETALL', key)
`

/** ARGV: place · ms. 1 when nobody dialled there lately, who then may. */
export const CLAIM = `${HEAD}
return redis.call('SET', P .. ':d:' .. ARGV[1], '1', 'NX', 'PX', ARGV[2]) and 1 or 0
`

/** ARGV: most networks · how many of each are looked at for heights and versions. For each network: name, members, reachable, height, some entries. */
export const COUNTS = `${HEAD}${SAMPLE}
local out = {}
for _, net in ipairs(redis.call('ZREVRANGE', P .. ':nets', 0, tonumber(ARGV[1]) - 1)) do
  local total, some = sample(net, tonumber(ARGV[2]), '')
  local top = redis.call('ZREVRANGE', P .. ':h:' .. net, 0, 0, 'WITHSCORES')
  if total > 0 then out[#out + 1] = { net, total, redis.call('ZCARD', P .. ':ok:' .. net), top[2] or '0', some } end
end
return out
`

/** ARGV: network · most. Those whose end is last, and so were heard of last, more or less. */
export const LATEST = `${HEAD}
local out = {}
for _, K in ipairs(redis.call('ZREVRANGE', P .. ':n:' .. ARGV[1], 0, tonumber(ARGV[2]) - 1)) do
  local e = redis.call('HGETALL', P .. ':e:' .. K)
  if #e > 0 then out[#out + 1] = e end
end
return out
`

/** ARGV: now (ms) · most. Forgets entries whose time is up; answers how many. */
export const SWEEP = `${HEAD}${DROP}
local due = redis.call('ZRANGEBYSCORE', P .. ':all', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, K in ipairs(due) do drop(K) end
redis.call('ZREMRANGEBYSCORE', P .. ':nets', '-inf', ARGV[1])
return #due
`

/** ARGV: K …. Forgets these. */
export const FORGET = `${HEAD}${DROP}
for _, K in ipairs(ARGV) do drop(K) end
return #ARGV
`
