package rate

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"chancery/id"
)

// patience is how long an answer of the Redis may take: it is next door, and every
// call waits for it.
const patience = 250 * time.Millisecond

// Connect makes a client of the Redis at an address such as redis://host:6379/0. It
// asks once and gives up soon: whoever asks counts by themselves then.
func Connect(address string) (*redis.Client, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("read Redis address: %w", err)
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = patience, patience, patience, patience
	options.MaxRetries = -1 // none
	options.DialerRetries = 1
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options), nil
}

// RedisWindow is the window that several processes share. A sorted set for each
// team holds its calls by the microsecond of the server's clock, and one script looks
// and counts, so that two processes cannot both take the last call.
type RedisWindow struct {
	client redis.Scripter
	prefix string
}

// NewRedisWindow keeps its sets under the prefix, such as "chancery/calls/".
func NewRedisWindow(client redis.Scripter, prefix string) *RedisWindow {
	return &RedisWindow{client: client, prefix: prefix}
}

// take answers {allowed, calls in the window, microseconds until the oldest leaves}.
var take = redis.NewScript(`
	local clock = redis.call('TIME')
	local now = clock[1] * 1000000 + clock[2]
	local per, most = tonumber(ARGV[1]), tonumber(ARGV[2])
	redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - per)
	local calls = redis.call('ZCARD', KEYS[1])
	local allowed = 0
	if calls < most then
		redis.call('ZADD', KEYS[1], now, ARGV[3])
		redis.call('PEXPIRE', KEYS[1], math.ceil(per / 1000))
		calls, allowed = calls + 1, 1
	end
	local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
	return {allowed, calls, per - (now - (oldest[2] or now))}
`)

// Take counts one call, if it may be made.
func (w *RedisWindow) Take(ctx context.Context, who string, limit Limit) (Standing, error) {
	reply, err := take.Run(ctx, w.client, []string{w.prefix + who},
		limit.Per.Microseconds(), limit.Calls, id.New(id.Request)).Int64Slice()
	if err != nil {
		return Standing{}, fmt.Errorf("count call of %s: %w", who, err)
	}
	return Standing{
		Allowed: reply[0] == 1,
		Left:    max(0, limit.Calls-int(reply[1])),
		Reset:   time.Duration(reply[2]) * time.Microsecond,
	}, nil
}

// RedisQueue is the queue that several processes share; see MemoryQueue, which says
// the same in Go.
type RedisQueue struct {
	client redis.Scripter
	prefix string
}

// NewRedisQueue keeps its sets under the prefix, such as "chancery/hooks/".
func NewRedisQueue(client redis.Scripter, prefix string) *RedisQueue {
	return &RedisQueue{client: client, prefix: prefix}
}

// turn answers how many microseconds to wait; 0 is now. The keys are the calls that
// were made, those who wait by when they came, and by when they are to come again.
var turn = redis.NewScript(`
	local clock = redis.call('TIME')
	local now = clock[1] * 1000000 + clock[2]
	local per, most, name, call = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
	local calls, waiting, back = KEYS[1], KEYS[2], KEYS[3]
	redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - per)
	for _, lost in ipairs(redis.call('ZRANGEBYSCORE', back, '-inf', '(' .. string.format('%.0f', now - per))) do
		if lost ~= name then
			redis.call('ZREM', waiting, lost)
			redis.call('ZREM', back, lost)
		end
	end
	local made = redis.call('ZCARD', calls)
	local free = most - made
	local rank = redis.call('ZRANK', waiting, name)
	local at = rank or redis.call('ZCARD', waiting)
	if at < free then
		redis.call('ZADD', calls, now, call)
		redis.call('PEXPIRE', calls, math.ceil(per / 1000))
		redis.call('ZREM', waiting, name)
		redis.call('ZREM', back, name)
		return 0
	end
	if not rank then
		local last = redis.call('ZRANGE', waiting, -1, -1, 'WITHSCORES')
		redis.call('ZADD', waiting, math.max(now, (last[2] or 0) + 1), name)
	end
	local ahead = at - free
	local wait = math.floor(ahead / most) * per
	local leaves = redis.call('ZRANGE', calls, ahead % most, ahead % most, 'WITHSCORES')
	wait = wait + per - (now - (leaves[2] or now))
	wait = math.max(wait, tonumber(ARGV[5]))
	redis.call('ZADD', back, now + wait, name)
	local last = redis.call('ZRANGE', back, -1, -1, 'WITHSCORES')
	local forget = math.ceil((last[2] - now + 2 * per) / 1000)
	redis.call('PEXPIRE', waiting, forget)
	redis.call('PEXPIRE', back, forget)
	return wait
`)

// Turn counts the call if its turn has come.
func (q *RedisQueue) Turn(ctx context.Context, line, name string, limit Limit) (time.Duration, error) {
	key := q.prefix + "{" + line + "}" // the braces keep a line's keys on one node of a cluster
	wait, err := turn.Run(ctx, q.client, []string{key + "/calls", key + "/waiting", key + "/back"},
		limit.Per.Microseconds(), limit.Calls, name, id.New(id.Request), soonest.Microseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("ask for a turn of %s: %w", name, err)
	}
	return time.Duration(min(wait, math.MaxInt64/int64(time.Microsecond))) * time.Microsecond, nil
}
