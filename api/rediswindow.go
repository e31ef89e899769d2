package api

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"chancery/id"
)

// RedisWindow is the window that several processes share. A sorted set per team
// holds its calls by the microsecond of the server's clock, and one script looks
// and counts, so that two processes cannot both take the last call.
type RedisWindow struct {
	client redis.Scripter
	prefix string
}

// NewRedisWindow keeps its sets under the prefix, such as "chancery:calls:".
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

// Take counts one call of the team, if it may make it.
func (w *RedisWindow) Take(ctx context.Context, team string, limit Limit) (Standing, error) {
	reply, err := take.Run(ctx, w.client, []string{w.prefix + team},
		limit.Per.Microseconds(), limit.Calls, id.New(id.Request)).Int64Slice()
	if err != nil {
		return Standing{}, fmt.Errorf("count call of team %s: %w", team, err)
	}
	return Standing{
		Allowed: reply[0] == 1,
		Left:    limit.Calls - int(reply[1]),
		Reset:   time.Duration(reply[2]) * time.Microsecond,
	}, nil
}
