package pki

import "software.sslmate.com/src/go-pkcs12"

// Hundreds of thousands of rounds are for guessers, not for tests.
func init() { rootSeal = pkcs12.Modern2023.WithIterations(1_000) }
