package web

// Routes are the patterns of all addresses there are.
func Routes() (all []string) {
	(&site{}).routes(func(pattern string, _ handler) { all = append(all, pattern) })
	return all
}
