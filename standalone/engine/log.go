package engine

import (
	"context"
	"log/slog"
	"sync/atomic"

	"go.temporal.io/server/common/log/tag"
)

// serverLog gives the server's log lines to slog, warnings and worse. What the server
// calls information is a running commentary of several lines a second; while it starts
// and stops, its parts warn of each other's absence, which is no news either.
type serverLog struct {
	to      *slog.Logger
	running *atomic.Bool
}

// fatality is what the server wanted to end the process with.
type fatality string

func (l serverLog) Debug(string, ...tag.Tag)            {}
func (l serverLog) Info(string, ...tag.Tag)             {}
func (l serverLog) Warn(line string, tags ...tag.Tag)   { l.say(slog.LevelWarn, line, tags) }
func (l serverLog) Error(line string, tags ...tag.Tag)  { l.say(slog.LevelError, line, tags) }
func (l serverLog) DPanic(line string, tags ...tag.Tag) { l.say(slog.LevelError, line, tags) }
func (l serverLog) Panic(line string, tags ...tag.Tag)  { l.end(line, tags) }
func (l serverLog) Fatal(line string, tags ...tag.Tag)  { l.end(line, tags) }

func (l serverLog) end(line string, tags []tag.Tag) {
	l.say(slog.LevelError, line, tags)
	panic(fatality(line))
}

func (l serverLog) say(level slog.Level, line string, tags []tag.Tag) {
	if level == slog.LevelWarn && !l.running.Load() {
		level = slog.LevelDebug
	}
	attributes := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		attributes = append(attributes, slog.Any(t.Key(), t.Value()))
	}
	l.to.LogAttrs(context.Background(), level, "engine: "+line, attributes...)
}
