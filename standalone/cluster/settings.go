package cluster

import "strconv"

// settings are given on the command line, so a start is never at the mercy of an
// edited file. They suit two cores and a few hundred megabytes.
func settings(socketFolder string, port int, loopback bool) []string {
	listen := ""
	if loopback {
		listen = "127.0.0.1"
	}
	return []string{
		// Who may connect: only what passes the socket folder (0700), or loopback if asked for.
		"listen_addresses=" + listen,
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=" + socketFolder,
		"unix_socket_permissions=0700",
		"password_encryption=scram-sha-256",
		"max_connections=200",

		// A commit that was answered is on the disk.
		"fsync=on",
		"synchronous_commit=on",
		"full_page_writes=on",

		// Memory and pace for a small machine.
		"shared_buffers=128MB",
		"effective_cache_size=512MB",
		"work_mem=4MB",
		"maintenance_work_mem=64MB",
		"max_parallel_workers_per_gather=0",
		"jit=off",
		"random_page_cost=1.1",

		// Fewer, flatter checkpoints: page images after each are most of what we write.
		"wal_compression=on",
		"max_wal_size=1GB",
		"checkpoint_timeout=15min",

		// The engine's tables turn over quickly and stay small when swept early.
		"autovacuum_vacuum_scale_factor=0.1",
		"autovacuum_naptime=30s",

		// No statements and no values in the log: they hold people's names.
		"log_destination=stderr",
		"logging_collector=off",
		"log_line_prefix=",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
		"log_checkpoints=off",
		"log_timezone=UTC",
		"timezone=UTC",
	}
}
